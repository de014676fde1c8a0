import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { NetError } from '../../base/errors.ts'
import { systemRandom } from '../../base/random.ts'
import { markLeaving, unmarkLeaving } from '../../node/leaving-mark.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir drain`: this slave is about to go for good; masters move its images away. */
export function register(program: Command): void {
  withSettings(program.command('drain <peer>'), ['data'])
    .description(
      'say of the slave of this configuration that it leaves: its images are kept elsewhere, it gets no new ones'
    )
    .option('--cancel', 'it stays after all')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      '\nRun it where that slave runs, as the slave itself tells the masters. status shows how many images still lie on it:' +
        '\nat 0 it may go. A slave that is dead already needs no drain: its images are repaired.'
    )
    .action(async (peer: string, flags: Record<string, unknown>) => {
      const config = loadConfig(flags)
      if (statSync(join(config.data, 'identity.key'), { throwIfNoEntry: false }) === undefined) {
        throw new NetError('FILE_UNREADABLE', `there is no peer in ${config.data}`)
      }
      const identity = await loadIdentity(config.data, systemRandom)
      if (peer !== identity.peer) {
        const message = `only the slave itself can say that it leaves, and ${config.data} is of ${identity.peer}`
        throw new NetError('CONFIG_INVALID', message)
      }
      const leaving = flags.cancel !== true
      await (leaving ? markLeaving(config.data) : unmarkLeaving(config.data))
      const said = leaving ? 'leaves: masters hear of it with their next beat' : 'stays'
      createReport({ json: flags.json === true }).result({ peer, leaving }, [`${peer} ${said}`])
    })
}
