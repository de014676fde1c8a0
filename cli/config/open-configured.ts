import { NetError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { readSecret } from '../../base/read-secret.ts'
import type { Role } from '../../base/roles.ts'
import { decodeKeys, type KeyRing } from '../../crypto/keys.ts'
import type { Owner } from '../../node/client/owner.ts'
import type { User } from '../../node/client/user.ts'
import type { Master } from '../../node/master/master.ts'
import { openPeer } from '../../node/open-peer.ts'
import { openMaster, openOwner, openUser } from '../../node/open-role.ts'
import type { Peer } from '../../node/peer.ts'
import type { PeerConfig } from '../../node/peer-config.ts'
import { THRESHOLD_PRESETS } from '../../node/placement/choose-threshold.ts'
import type { Config } from './load-config.ts'
import { peerLog } from './peer-log.ts'

const DAY_MS = 86_400_000

/**
 * Open the peer that a configuration describes, with all its roles; it tells `log` what it does and `watch` what it answers.
 * @throws NetError as `openPeer`, `KEYS_INVALID` when others than its owner have access to the key file
 */
export function openConfigured(config: Config, log: Log, watch?: PeerConfig['watch']): Promise<Peer> {
  return openPeer({ ...peerConfig(config, log), watch })
}

/**
 * Run `work` as the owner that a configuration describes, and leave the network again.
 * @throws NetError `CONFIG_INVALID` when the configuration gives this peer another role
 */
export async function withOwner(config: Config, work: (owner: Owner) => Promise<void>): Promise<void> {
  const { owner, stop } = await openOwner(clientConfig(config, 'owner'))
  await work(owner).finally(stop)
}

/** Like {@link withOwner}, as the user. */
export async function withUser(config: Config, work: (user: User) => Promise<void>): Promise<void> {
  const { user, stop } = await openUser(clientConfig(config, 'user'))
  await work(user).finally(stop)
}

/**
 * Run `work` as the master that a configuration describes, and leave the network again; it tells `log` what it does.
 * @throws NetError `CONFIG_INVALID` when the configuration gives this peer another role, `STORE_LOCKED` while it runs
 */
export async function withMaster(config: Config, log: Log, work: (master: Master) => Promise<void>): Promise<void> {
  checkRole(config, 'master')
  const { master, stop } = await openMaster(peerConfig(config, log))
  await work(master).finally(stop)
}

function checkRole({ roles }: Config, role: Role): void {
  if (roles.includes(role)) return
  throw new NetError('CONFIG_INVALID', `this needs the role ${role}; the configuration says ${roles.join(', ')}`)
}

function clientConfig(config: Config, role: Role): PeerConfig {
  checkRole(config, role)
  return { ...peerConfig(config, peerLog(config.log, 'warn').log), listen: [] }
}

function peerConfig(config: Config, log: Log): PeerConfig {
  const {
    data,
    keys,
    models,
    threshold,
    total,
    maxSlaves,
    policy,
    trashDays,
    auditDays,
    scrubDays,
    maxDropsPerHour,
    repairMargin: margin,
    repairAfterMs: afterMs,
    repairBytesPerSecond: bytesPerSecond,
    log: _level,
    metrics: _door,
    ...others
  } = config
  const { ownerQuotaBytes: quotaBytes, ownerQuotaImages: quotaImages, ...rest } = others
  return {
    ...rest, // what a setting and the peer call alike
    dataFolder: data,
    keys: readKeys(keys),
    modelsFolder: models,
    threshold:
      threshold === undefined || total === undefined
        ? { maxSlaves, ...THRESHOLD_PRESETS[policy] }
        : { fixed: { threshold, total } },
    slave: { trashDays, maxDropsPerHour, scrubMs: scrubDays * DAY_MS },
    master: {
      quotaBytes,
      quotaImages,
      auditPeriodMs: auditDays * DAY_MS,
      repair: { margin, afterMs, bytesPerSecond }
    },
    log
  }
}

function readKeys(file: string | undefined): KeyRing | undefined {
  if (file === undefined) return undefined
  const text = readSecret(file)
  if (text === undefined) throw new NetError('FILE_UNREADABLE', `${file} cannot be read (ENOENT)`)
  return decodeKeys(text)
}
