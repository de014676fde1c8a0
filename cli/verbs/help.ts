import type { Command } from 'commander'
import { settingsHelp } from '../config/settings-help.ts'
import { HELP_NOTES } from '../console/help-notes.ts'
import { packageVersion } from '../console/package-version.ts'
import { createReport } from '../console/report.ts'
import { verbTree } from '../help/command-tree.ts'
import { manualPage } from '../help/manual-page.ts'

/** `sfmedir help`: of a verb, of the settings, or all of it as a manual page. */
export function register(program: Command): void {
  program.helpCommand(false)
  program
    .command('help [topic...]')
    .description('help of a verb; settings: those that all verbs of the network share; man: all of it as a manual page')
    .action((topic: string[]) => {
      const report = createReport({})
      if (topic[0] === 'settings') return report.say(settingsHelp())
      if (topic[0] === 'man') {
        process.stdout.write(manualPage(verbTree(program), { version: packageVersion(), notes: HELP_NOTES }))
        return
      }
      let verb = program
      for (const word of topic) {
        const below = verb.commands.find(command => command.name() === word || command.aliases().includes(word))
        if (below === undefined) throw new RangeError(`there is no help on ${topic.join(' ')}`)
        verb = below
      }
      verb.outputHelp()
    })
}
