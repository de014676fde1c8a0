import type { Command } from 'commander'
import { NetError } from '../../base/errors.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { openConfigured } from '../config/open-configured.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir run`: one peer, until SIGINT or SIGTERM. */
export function register(program: Command): void {
  withSettings(program.command('run'))
    .description('run the peer that the configuration describes, until Ctrl-C')
    .option('--until-stdin-ends', 'end also when standard input ends, so with the process that started it')
    .option('--json', 'one JSON object on stdout once it runs')
    .action(async (flags: Record<string, unknown>) => {
      const config = loadConfig(flags)
      if (!config.roles.includes('master') && !config.roles.includes('slave')) {
        throw new NetError(
          'CONFIG_INVALID',
          'run is for masters and slaves; owners and users come and go with their verbs'
        )
      }
      const report = createReport({ json: flags.json === true })
      const stopped = nextSignal(flags.untilStdinEnds === true)
      const peer = await openConfigured(config)
      const { self } = peer
      const addresses = peer.addresses()
      report.result({ peer: self, roles: config.roles, addresses }, [
        `${config.roles.join(', ')} ${self}`,
        ...addresses.map(address => `  ${address}`)
      ])
      await stopped
      await peer.stop()
      process.stdin.destroy()
    })
}

function nextSignal(untilStdinEnds: boolean): Promise<void> {
  return new Promise(resolve => {
    if (untilStdinEnds) process.stdin.once('close', resolve).resume()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
