import type { Command } from 'commander'
import { asError, NetError } from '../../base/errors.ts'
import type { Peer } from '../../node/peer.ts'
import { type Config, loadConfig, withSettings } from '../config/load-config.ts'
import { openConfigured } from '../config/open-configured.ts'
import { type PeerLog, peerLog } from '../config/peer-log.ts'
import { createReport } from '../console/report.ts'
import { observe } from '../observe/observe.ts'

/** `sfmedir run`: one peer, until SIGINT or SIGTERM. */
export function register(program: Command): void {
  withSettings(program.command('run'))
    .description('run the peer that the configuration describes, until Ctrl-C')
    .option('--until-stdin-ends', 'end also when standard input ends, so with the process that started it')
    .option('--json', 'one JSON object on stdout once it runs')
    .addHelpText(
      'after',
      '\nSIGTERM and Ctrl-C end it once what it has in hand is done; SIGHUP reads the roster and the log level again.'
    )
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
      const told = peerLog(config.log, 'info')
      told.log('starting', { roles: config.roles.join(','), site: config.site, data: config.data })
      const observed = await observe(config)
      const peer = await openConfigured(config, told.log, observed?.watch).catch(async error => {
        await observed?.close()
        throw error
      })
      observed?.watchPeer(peer)
      if (observed !== undefined) told.log('metrics served', { url: observed.url })
      const reload = (): void => readAgain(flags, peer, told)
      process.on('SIGHUP', reload)
      tellStart(peer, config, { report, told })
      told.log('stopping', { signal: await stopped })
      if (peer.roles.includes('master')) await peer.master.drain()
      await peer.stop()
      await observed?.close()
      process.off('SIGHUP', reload)
      told.log('stopped')
      process.stdin.destroy()
    })
}

function tellStart(
  peer: Peer,
  config: Config,
  { report, told }: { report: ReturnType<typeof createReport>; told: PeerLog }
): void {
  const { self } = peer
  const addresses = peer.addresses()
  told.log('started', { peer: self, addresses: addresses.join(' '), members: config.members.length })
  report.result({ peer: self, roles: config.roles, addresses }, [
    `${config.roles.join(', ')} ${self}`,
    ...addresses.map(address => `  ${address}`)
  ])
}

/** SIGHUP: a roster or level that cannot be read changes nothing, and is told. */
function readAgain(flags: Record<string, unknown>, peer: Peer, { log, setLevel }: PeerLog): void {
  try {
    const { members, log: level } = loadConfig(flags)
    peer.replaceMembers(members)
    setLevel(level)
    log('configuration read again', { members: members.length })
  } catch (error) {
    log('configuration not read again', { reason: asError(error).message })
  }
}

/** Resolves with what asks this process to end: a signal's name, or `stdin`. */
function nextSignal(untilStdinEnds: boolean): Promise<string> {
  return new Promise(resolve => {
    if (untilStdinEnds) process.stdin.once('close', () => resolve('stdin')).resume()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
}
