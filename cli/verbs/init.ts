import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { NetError } from '../../base/errors.ts'
import { systemRandom } from '../../base/random.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { createReport } from '../console/report.ts'
import { writeNew } from '../console/write-file.ts'

/** `sfmedir init`: a peer's folder with its identity, a configuration file, and its line for everyone's roster. */
export function register(program: Command): void {
  withSettings(program.command('init'), ['data', 'roles', 'site', 'listen', 'bootstrap', 'keys', 'roster'])
    .description('make this peer: its identity, its sfmedir.yaml, and the line that goes into the roster of all')
    .option('--json', 'one JSON object on stdout')
    .action(async (flags: Record<string, unknown>) => {
      const report = createReport({ json: flags.json === true })
      const file = resolve(typeof flags.config === 'string' ? flags.config : 'sfmedir.yaml')
      if (existsSync(file)) throw new NetError('FILE_UNWRITABLE', `${file} cannot be written: it exists already`)
      const config = loadConfig({ ...flags, config: undefined }, { ...process.env, SFMEDIR_CONFIG: undefined })
      const { peer } = await loadIdentity(config.data, systemRandom)
      const here = (path: string): string => `./${relative(dirname(file), path)}`
      const member = { peer, site: config.site, roles: config.roles }
      const isServer = config.roles.includes('master') || config.roles.includes('slave')
      const settings = {
        data: here(config.data),
        roles: config.roles,
        site: config.site,
        ...(isServer ? { listen: config.listen } : {}),
        bootstrap: config.bootstrap,
        ...(config.keys === undefined ? {} : { keys: here(config.keys) }),
        roster: typeof flags.roster === 'string' ? here(resolve(flags.roster)) : './roster.yaml'
      }
      await writeNew(file, stringify(settings))
      const entry = stringify([member]).trimEnd().split('\n')
      report.result({ file, ...member }, [
        `wrote ${here(join(file))}; this peer's entry for everyone's roster.yaml:`,
        '',
        ...entry
      ])
    })
}
