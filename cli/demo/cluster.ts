import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { encodeKeys } from '../../crypto/keys.ts'
import { ProcessCluster, type ServerStart } from '../../sim/processes/process-cluster.ts'

/** How big the demo's network is, and how it splits images. */
export interface DemoClusterInit {
  readonly masters: number
  readonly slaves: number
  /** Settings that go into every peer's file. */
  readonly settings: Readonly<Record<string, unknown>>
}

const MAIN = process.argv[1] // the program that this process runs itself

/** The demo's network: every server runs `sfmedir run` with files of its own, as a hospital would. */
export function demoCluster({ masters, slaves, settings }: DemoClusterInit): ProcessCluster {
  const program = ({ dataFolder, member, members, keys, listen, bootstrap }: ServerStart): string[] => {
    const write = (name: string, text: string): string => {
      const path = join(dataFolder, name)
      writeFileSync(path, text, { mode: 0o600 })
      return path
    }
    const config = write(
      'sfmedir.yaml',
      stringify({
        ...settings,
        data: dataFolder,
        roles: member.roles,
        site: member.site,
        listen,
        bootstrap,
        log: 'warn',
        roster: write('roster.yaml', stringify(members)),
        ...(keys && { keys: write('sfmedir.keys', encodeKeys(keys)) })
      })
    )
    return [MAIN, 'run', '--config', config, '--until-stdin-ends', '--json']
  }
  return new ProcessCluster({ masters, slaves, program })
}
