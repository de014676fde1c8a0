import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { withSettings } from '../../../cli/config/load-config.ts'
import { settingsHelp } from '../../../cli/config/settings-help.ts'
import { flagOf, variableOf } from '../../../cli/config/setting.ts'
import { SETTING_ROWS } from '../../../cli/config/settings.ts'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'
import { allVerbs, verbTree } from '../../../cli/help/command-tree.ts'
import { bashCompletion } from '../../../cli/help/complete-bash.ts'
import { manualPage } from '../../../cli/help/manual-page.ts'
import { register as registerCompletion } from '../../../cli/verbs/completion.ts'
import { register as registerHelp } from '../../../cli/verbs/help.ts'
import { register as registerSim } from '../../../cli/verbs/sim.ts'
import { register as registerStore } from '../../../cli/verbs/store.ts'

const MAIN = join(import.meta.dirname, '../../../cli/entry.ts')

function program(): Command {
  const made = createProgram().description('a program')
  for (const register of [registerStore, registerSim, registerCompletion, registerHelp]) register(made)
  return made
}

/** What bash offers for the last of these words. */
function completed(script: string, ...words: string[]): string[] {
  const line = words.map(word => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); _sfmedir; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['--norc', '-c', `${script}\n${ask}`], { encoding: 'utf8' })
  return out.split('\n').filter(word => word !== '')
}

describe('completion for bash', () => {
  const script = bashCompletion(verbTree(program()))

  it.each([
    [['sfmedir', 'st'], ['store']],
    [
      ['sfmedir', 'sim', 'p'],
      ['policy', 'paper']
    ],
    [['sfmedir', 'sim', 'paper', '--eng'], ['--engine']],
    [
      ['sfmedir', 'sim', 'paper', '--engine', ''],
      ['real', 'virtual']
    ],
    [['sfmedir', 'store', '--lab'], ['--label']],
    [['sfmedir', 'store', '--max-i'], ['--max-image-bytes']],
    [['sfmedir', 'store', '--keys', 'st'], []],
    [['sfmedir', 'store', 'st'], []]
  ])('%j is completed by %j', (words, offered) => {
    expect(completed(script, ...words)).toEqual(offered)
  })

  it('knows every verb and every flag of the program', () => {
    for (const { path, flags } of allVerbs(verbTree(program()))) {
      const offered = completed(script, 'sfmedir', ...path, '--')
      expect(offered).toEqual(flags.map(({ long }) => long))
    }
  })
})

describe('the manual', () => {
  const page = manualPage(verbTree(program()), { version: '9.9', notes: ["'quoted note"] })

  it('names every verb with each of its flags, and the settings once', () => {
    for (const { path, flags, verbs } of allVerbs(verbTree(program()))) {
      if (verbs.length > 0) continue
      expect(page).toContain(`\n.B sfmedir ${path.join(' ')}`)
      for (const { long } of flags) expect(page).toContain(`.B ${long.replaceAll('-', '\\-')}`)
    }
    expect(page.split('.B \\-\\-max\\-image\\-bytes')).toHaveLength(2)
  })

  it('no text of it becomes a command to roff', () => {
    const odd = new Command('odd').description(".so /etc/passwd\n.sh 'x' \\fB")
    odd.command('verb').description("'ex").addOption(new Option('--x <y>', '\\n[.s]'))
    const lines = manualPage(verbTree(odd), { version: '1', notes: ['.ex', '.ey'] }).split('\n')
    const commands = lines.filter(line => /^[.']/.test(line)).map(line => line.split(' ')[0])
    expect(new Set(commands)).toEqual(new Set(['.TH', '.SH', '.B', '.I', '.TP', '.RS', '.RE', '.br']))
    expect(lines.join('\n')).not.toMatch(/\\[^e&-]/)
  })
})

describe('help', () => {
  it('settings: each once with flag, variable and fallback; the help of a verb says where they are instead', () => {
    const told = settingsHelp().join('\n')
    for (const [name] of SETTING_ROWS) expect(told).toMatch(new RegExp(`${flagOf(name)} <\\w+> +${variableOf(name)} `))
    const verb = withSettings(new Command('verb')).helpInformation()
    expect(verb).not.toContain('--max-image-bytes')
    expect(verb).toContain('--config')
  })

  it('of no such verb is called wrongly: 2, and says so', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    expect(await runVerb(program(), ['node', 'sfmedir', 'help', 'sim', 'nothing'])).toBe(2)
    expect(error).toHaveBeenCalledWith('sfmedir: USAGE: there is no help on sim nothing')
    error.mockRestore()
  })

  it('has no colours where it is not read on a terminal; where colours are forced they are there, and NO_COLOR wins', () => {
    const help = (env: NodeJS.ProcessEnv): string =>
      execFileSync(process.execPath, [MAIN, 'store', '--help'], { encoding: 'utf8', env: { ...process.env, ...env } })
    const plain = { NO_COLOR: undefined, FORCE_COLOR: undefined }
    expect(help(plain)).not.toContain('\u001b')
    expect(help({ ...plain, FORCE_COLOR: '1' })).toContain('\u001b[1mUsage:')
    expect(help({ ...plain, FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\u001b')
    expect(help(plain)).toContain('sfmedir help settings')
  })
})
