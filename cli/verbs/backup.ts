import { resolve } from 'node:path'
import type { Command } from 'commander'
import { backupPeer } from '../../node/backup/backup-peer.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir backup DIR`: a copy of a peer's data folder, while it runs. */
export function register(program: Command): void {
  withSettings(program.command('backup <dir>'), ['data'])
    .description('copy the data of a master or slave to a folder, while it runs; again to bring the copy up to date')
    .option('--json', 'one JSON object on stdout')
    .action(async (dir: string, flags: Record<string, unknown>) => {
      const { data } = loadConfig(flags)
      const done = await backupPeer(data, resolve(dir))
      const index = done.records === undefined ? '' : `, an index of ${done.records} records`
      createReport({ json: flags.json === true }).result(done, [
        `copied ${done.files} files, ${done.bytes} bytes; ${done.known} stood there already${index}`,
        'the copy holds the identity of this peer: keep it where nobody else reads it'
      ])
    })
}
