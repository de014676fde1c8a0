import { type AbortOptions, abortReason, sleep } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Role } from '../../base/roles.ts'
import type { Directory } from '../../protocols/network.ts'
import type { Internet } from './internet.ts'
import type { VirtualNetwork } from './virtual-network.ts'

/** Times of a small private kad-dht, as measured with 20 nodes. */
const DIRECTORY_DEFAULTS = Object.freeze({
  lookUpMs: 150, // one walk of the DHT
  validMs: 48 * 3_600_000, // kad-dht forgets a provider after this
  announceEveryMs: 6 * 3_600_000 // well within validity, and for peers that joined later
})

interface Announcement {
  readonly peer: PeerId
  readonly role: Role
  readonly atMs: number
}

/** The records of a virtual DHT, shared by every peer's {@link VirtualDirectory}. */
export class DirectoryRecords {
  readonly #announcements = new Map<string, Announcement>()

  /** Keep that `peer` carries `role`, as of now. */
  put(peer: PeerId, role: Role, atMs: number): void {
    this.#announcements.set(`${role} ${peer}`, { peer, role, atMs })
  }

  /** Peers that said so within the validity time. Those that died since are among them. */
  holders(role: Role, nowMs: number): PeerId[] {
    return [...this.#announcements.values()]
      .filter(one => one.role === role && nowMs - one.atMs < DIRECTORY_DEFAULTS.validMs)
      .map(one => one.peer)
  }
}

/** One peer's view of the virtual DHT. Across a partition nothing is found, and nothing announced is seen. */
export class VirtualDirectory implements Directory {
  readonly #internet: Internet
  readonly #network: VirtualNetwork
  readonly #records: DirectoryRecords

  constructor(internet: Internet, network: VirtualNetwork, records: DirectoryRecords) {
    this.#internet = internet
    this.#network = network
    this.#records = records
  }

  async announce(role: Role): Promise<void> {
    const member = this.#internet.roster.member(this.#network.self)
    if (member === undefined || !member.roles.includes(role)) {
      throw new NetError('NOT_PERMITTED', `the roster does not give this peer the role ${role}`)
    }
    await sleep(this.#network.clock, DIRECTORY_DEFAULTS.lookUpMs)
    this.#again(role)
  }

  async find(role: Role, options: AbortOptions = {}): Promise<PeerId[]> {
    if (options.signal?.aborted) throw abortReason(options.signal)
    await sleep(this.#network.clock, DIRECTORY_DEFAULTS.lookUpMs, options)
    const self = this.#network.self
    return this.#records
      .holders(role, this.#internet.loop.now)
      .filter(peer => this.#internet.reaches(self, peer) && this.#isAdmitted(peer, role))
  }

  #isAdmitted(peer: PeerId, role: Role): boolean {
    return this.#internet.roster.member(peer)?.roles.includes(role) ?? false
  }

  #again(role: Role): void {
    if (!this.#network.alive) return
    this.#records.put(this.#network.self, role, this.#internet.loop.now)
    this.#network.clock.setTimer(DIRECTORY_DEFAULTS.announceEveryMs, () => this.#again(role))
  }
}
