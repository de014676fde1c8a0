import type { AbortOptions, Clock } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { type Random, shuffled } from '../../base/random.ts'
import type { Roster } from '../../base/roles.ts'
import type { Directory, Network } from '../../protocols/network.ts'

/** What a {@link MasterFinder} works with. */
export interface MasterFinderPorts {
  readonly network: Network
  readonly directory: Directory
  readonly roster: Roster
  readonly clock: Clock
  readonly random: Random
}

const REFRESH_MS = 60_000 // a master that joined is used within a minute; the directory is never on the path of a query
const SHUN_MS = 10_000 // a master that just failed is asked last

/** Finds the masters and says in which order to ask them: by chance, so that load spreads, those that just failed last. */
export class MasterFinder {
  readonly #ports: MasterFinderPorts
  readonly #found = new Set<PeerId>()
  readonly #failedAt = new Map<PeerId, number>()
  #foundAt = Number.NEGATIVE_INFINITY
  #finding: Promise<void> | undefined

  constructor(ports: MasterFinderPorts) {
    this.#ports = ports
  }

  /** Every master that is connected or can be found, in the order in which to ask; empty when there is none. */
  async all(options: AbortOptions = {}): Promise<PeerId[]> {
    const { network, clock, random } = this.#ports
    for (const peer of [network.self, ...network.connected()]) if (this.#isMaster(peer)) this.#found.add(peer)
    if (this.#found.size === 0) await this.#find(options)
    else if (clock.monotonic() - this.#foundAt > REFRESH_MS) this.#find(options).catch(() => {}) // what is known will do
    const order = shuffled(random, [...this.#found].sort())
    const shunned = (peer: PeerId): boolean =>
      clock.monotonic() - (this.#failedAt.get(peer) ?? Number.NEGATIVE_INFINITY) < SHUN_MS
    return [...order.filter(peer => !shunned(peer)), ...order.filter(shunned)]
  }

  /** Like {@link all}. @throws NetError `NO_MASTERS` when there is none */
  async some(options: AbortOptions = {}): Promise<PeerId[]> {
    const masters = await this.all(options).catch(error => {
      if (options.signal?.aborted || !isNetError(error)) throw error
      throw new NetError('NO_MASTERS', 'no master can be found', { cause: error })
    })
    if (masters.length === 0) throw new NetError('NO_MASTERS', 'no master can be found')
    return masters
  }

  /**
   * Say how a master failed. One that is away or busy, or did not prove what it said, is asked last for a while; only for one that is away are others looked
   * for, so that an overload does not bring look-ups on top of itself.
   */
  failed(master: PeerId, error: Error): void {
    const away = isNetError(error, 'PEER_UNREACHABLE', 'REQUEST_TIMEOUT')
    if (away || isNetError(error, 'BUSY', 'PROOF_INVALID')) this.#failedAt.set(master, this.#ports.clock.monotonic())
    if (away) this.#foundAt = Number.NEGATIVE_INFINITY
  }

  /** Say that a master answered. */
  answered(master: PeerId): void {
    this.#failedAt.delete(master)
  }

  #find(options: AbortOptions): Promise<void> {
    this.#finding ??= this.#ports.directory
      .find('master', options)
      .then(peers => {
        this.#foundAt = this.#ports.clock.monotonic()
        for (const peer of peers) if (this.#isMaster(peer)) this.#found.add(peer)
      })
      .finally(() => {
        this.#finding = undefined
      })
    return this.#finding
  }

  #isMaster(peer: PeerId): boolean {
    return this.#ports.roster.member(peer)?.roles.includes('master') === true
  }
}
