import { readFileSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import { NetError } from '../../base/errors.ts'
import type { Role } from '../../base/roles.ts'
import { decodeKeys, type KeyRing } from '../../crypto/keys.ts'
import type { Log } from '../../base/log.ts'
import { openPeer, type Peer, type PeerConfig } from '../../node/open-peer.ts'
import type { Config } from './load-config.ts'

/** Open the peer that a configuration describes. @throws NetError as `openPeer` */
export function openConfigured(config: Config): Promise<Peer> {
  return openPeer(peerConfig(config))
}

/**
 * Run `work` as the owner or user that a configuration describes, and leave the network again.
 * @throws NetError `CONFIG_INVALID` when the configuration gives this peer another role
 */
export async function withClient<T>(config: Config, role: Role, work: (peer: Peer) => Promise<T>): Promise<T> {
  if (!config.roles.includes(role)) {
    throw new NetError(
      'CONFIG_INVALID',
      `this needs the role ${role}; the configuration says ${config.roles.join(', ')}`
    )
  }
  const clientRoles = config.roles.filter(each => each === 'owner' || each === 'user')
  const peer = await openConfigured({ ...config, roles: clientRoles, listen: [] })
  try {
    return await work(peer)
  } finally {
    await peer.stop()
  }
}

function peerConfig(config: Config): PeerConfig {
  const { threshold, total, maxSlaves, model, models, bits } = config
  return {
    dataFolder: config.data,
    roles: config.roles,
    members: config.members,
    listen: config.listen,
    bootstrap: config.bootstrap,
    keys: readKeys(config.keys),
    model,
    modelsFolder: models,
    bits,
    cipher: config.cipher,
    scheme: config.scheme,
    threshold: threshold === undefined || total === undefined ? { maxSlaves } : { fixed: { threshold, total } },
    quotaBytes: config.quotaBytes,
    maxImageBytes: config.maxImageBytes,
    log: createLog(config.log)
  }
}

function readKeys(file: string | undefined): KeyRing | undefined {
  if (file === undefined) return undefined
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new NetError('FILE_UNREADABLE', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
  return decodeKeys(text)
}

function createLog(level: Config['log']): Log {
  const logger: Logger = pino({ level, base: undefined }, pino.destination(2))
  return (fact, fields) => logger.info(fields ?? {}, fact)
}
