import type { PeerId, SharingId } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { Roster } from '../../base/roles.ts'
import { isNetError } from '../../base/errors.ts'
import type { Network } from '../../protocols/network.ts'
import { MAX_SILENT, peerSilence } from '../../protocols/peer-silence.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { LossLedger } from '../placement/loss-ledger.ts'
import type { RepairPolicy } from './repair-policy.ts'

/** What it takes to know which shadows are lost. */
export interface SlaveLossPorts {
  readonly network: Network
  readonly roster: Roster
  readonly peers: PeerTable
  readonly losses: LossLedger
  readonly log: Log
  readonly stopping: AbortSignal
}

const SECOND_SHARE = 0.5 // the other master may have missed it a little later, or have started since

/**
 * Which slaves have lost their shadows, and which are leaving. A slave is lost once it has missed several beats in a row, has
 * been silent for the whole grace time, and a second master has not heard it either for half of that; never for one beat that
 * was missed. It is back with its first answer.
 */
export class SlaveLosses {
  readonly #ports: SlaveLossPorts
  readonly #policy: Pick<RepairPolicy, 'afterMs'>
  readonly #lost = new Set<PeerId>()

  constructor(ports: SlaveLossPorts, policy: Pick<RepairPolicy, 'afterMs'>) {
    this.#ports = ports
    this.#policy = policy
  }

  /** Whether no shadow is lost, and no slave leaves. */
  get isNothing(): boolean {
    return this.#lost.size === 0 && this.#ports.losses.isEmpty && this.#leaving().length === 0
  }

  /** Changes whenever an image may have come to need another answer. */
  get state(): string {
    return `${[...this.#lost].sort().join()} ${this.#leaving().sort().join()} ${this.#ports.losses.changes}`
  }

  /** Whether `slave`'s shadow of a sharing is lost. */
  isLost(slave: PeerId, sharing: SharingId): boolean {
    const { losses, roster } = this.#ports
    if (this.#lost.has(slave) || losses.has(slave, sharing)) return true
    return roster.member(slave)?.roles.includes('slave') !== true // an operator struck it off
  }

  /** Whether `slave` says that it leaves. */
  isLeaving(slave: PeerId): boolean {
    return this.#ports.peers.get(slave)?.vitals?.leaving === true
  }

  /** Learn who is silent, and ask the other masters about them. */
  async refresh(): Promise<void> {
    const { peers, log } = this.#ports
    const silent = peers
      .known('slave')
      .filter(({ standing, silentMs }) => standing === 'dead' && silentMs >= this.#policy.afterMs)
    const names = new Set(silent.map(({ member }) => member.peer))
    for (const slave of this.#lost) {
      if (names.has(slave)) continue
      this.#lost.delete(slave)
      log('slave is back', { slave })
    }
    const asked = [...names].filter(slave => !this.#lost.has(slave)).slice(0, MAX_SILENT)
    if (asked.length === 0) return
    for (const slave of await this.#confirmed(asked)) {
      this.#lost.add(slave)
      log('slave is lost', { slave, alarm: 'slave' })
    }
  }

  #leaving(): PeerId[] {
    const { peers } = this.#ports
    return peers
      .known('slave')
      .map(({ member }) => member.peer)
      .filter(slave => this.isLeaving(slave))
  }

  /** Those of `slaves` that some other master has not heard either. */
  async #confirmed(slaves: readonly PeerId[]): Promise<PeerId[]> {
    const { peers, network } = this.#ports
    const others = peers.alive('master').filter(({ member }) => member.peer !== network.self)
    const heard = await Promise.all(others.map(({ member }) => this.#ask(member.peer, slaves)))
    const leastMs = this.#policy.afterMs * SECOND_SHARE
    return slaves.filter((_, at) => heard.some(silentMs => silentMs[at] >= leastMs))
  }

  /** For how long another master has not heard these slaves; nothing when it does not say. */
  async #ask(master: PeerId, slaves: readonly PeerId[]): Promise<readonly number[]> {
    const { network, stopping, log } = this.#ports
    try {
      const { silentMs } = await network.request(master, peerSilence, { peers: slaves }, { signal: stopping })
      return silentMs.length === slaves.length ? silentMs : []
    } catch (error) {
      if (!isNetError(error)) throw error
      log('a master does not say whom it hears', { master, reason: error.code })
      return []
    }
  }
}
