import { resolve } from 'node:path'
import type { Command } from 'commander'
import { restorePeer } from '../../node/backup/backup-peer.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir restore DIR`: a data folder from a backup. */
export function register(program: Command): void {
  withSettings(program.command('restore <dir>'), ['data'])
    .description('make the data folder of a master or slave from a backup, before it is started')
    .option('--json', 'one JSON object on stdout')
    .action(async (dir: string, flags: Record<string, unknown>) => {
      const { data } = loadConfig(flags)
      const done = await restorePeer(resolve(dir), data)
      const said = [
        done.records === undefined ? [] : [`${done.records} records`],
        done.shadows === undefined ? [] : [`${done.shadows} shadows`]
      ].flat()
      createReport({ json: flags.json === true }).result(done, [
        `restored ${done.files} files, ${done.bytes} bytes to ${data}: ${said.join(', ') || 'no index and no shadows'}`,
        'start it: what came after the backup it learns from the other peers'
      ])
    })
}
