import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { systemRandom } from '../../base/random.ts'
import { encodeKeys, generateKeys, keysFor } from '../../crypto/keys.ts'
import { createReport } from '../console/report.ts'
import { writeNew } from '../console/write-file.ts'

/** `sfmedir keys create`: a consortium's keys, one file for each kind of peer that needs some. */
export function register(program: Command): void {
  const keys = program.command('keys').description('the keys of a consortium')
  keys
    .command('create')
    .description(
      'make fresh keys: owner.keys for owners and users, master.keys for masters, all.keys to keep locked away; slaves need none'
    )
    .option('--out <dir>', 'folder to write to', '.')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ out, json }: { out: string; json?: boolean }) => {
      const report = createReport({ json })
      const whole = generateKeys(systemRandom)
      const files = {
        owner: join(resolve(out), 'owner.keys'),
        master: join(resolve(out), 'master.keys'),
        all: join(resolve(out), 'all.keys')
      }
      await writeNew(files.all, encodeKeys(whole), { mode: 0o600 })
      await writeNew(files.owner, encodeKeys(keysFor(whole, 'owner', 'user')), { mode: 0o600 })
      await writeNew(files.master, encodeKeys(keysFor(whole, 'master')), { mode: 0o600 })
      report.result(
        { id: whole.id, epoch: whole.epoch, files },
        `keys ${whole.id} in ${resolve(out)}: owner.keys, master.keys, all.keys`
      )
    })
}
