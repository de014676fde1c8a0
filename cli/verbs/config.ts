import type { Command } from 'commander'
import { stringify } from 'yaml'
import { createReport } from '../console/report.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'

/** `sfmedir config print`: what the other verbs would run with, after file, environment and flags. */
export function register(program: Command): void {
  const config = program.command('config').description('the configuration')
  withSettings(config.command('print'))
    .description('print the configuration in force')
    .option('--json', 'one JSON object on stdout')
    .action((flags: Record<string, unknown>) => {
      const { members, ...settings } = loadConfig(flags)
      const shown = { ...settings, roster: members }
      createReport({ json: flags.json === true }).result(shown, stringify(shown).trimEnd().split('\n'))
    })
}
