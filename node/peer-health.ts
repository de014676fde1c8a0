import { isNetError } from '../base/errors.ts'
import type { LivenessAnswer } from '../protocols/liveness.ts'
import type { Network } from '../protocols/network.ts'
import type { ShadowStore } from '../storage/shadow-store.ts'
import type { Master } from './master/master.ts'
import type { Vitals } from './peers/vitals.ts'

/** One thing that a peer needs in order to serve. */
export interface HealthCheck {
  readonly name: string
  readonly ok: boolean
  /** Why not; empty when it is. */
  readonly reason: string
}

/** How a peer does, for whoever watches it. */
export interface PeerHealth {
  /** What others are told of it. */
  readonly vitals: LivenessAnswer
  /** It is ready to serve when all of them hold. */
  readonly checks: readonly HealthCheck[]
}

/** What a {@link PeerHealth} is read from. */
export interface HealthSources {
  readonly network: Pick<Network, 'connected'>
  readonly vitals: Pick<Vitals, 'answer'>
  /** How many members the roster names. */
  readonly members: () => number
  readonly master: Pick<Master, 'isDraining'> | undefined
  readonly shadows: Pick<ShadowStore, 'usage'> | undefined
}

/** Read how a peer does. A disk that does not answer makes a check fail, and throws nothing. */
export async function readHealth({ network, vitals, members, master, shadows }: HealthSources): Promise<PeerHealth> {
  const checks = [
    check('reaches another peer', network.connected().length > 0 || members() === 1, 'no member is connected')
  ]
  if (master !== undefined) checks.push(check('takes stores', !master.isDraining, 'the master is about to stop'))
  if (shadows !== undefined) checks.push(await readable('has room for shadows', shadows))
  return { vitals: await vitals.answer(), checks }
}

async function readable(name: string, shadows: Pick<ShadowStore, 'usage'>): Promise<HealthCheck> {
  try {
    return check(name, (await shadows.usage()).freeBytes > 0, 'the disk or the quota is full')
  } catch (error) {
    if (isNetError(error)) return check(name, false, error.code)
    throw error
  }
}

function check(name: string, ok: boolean, reason: string): HealthCheck {
  return { name, ok, reason: ok ? '' : reason }
}
