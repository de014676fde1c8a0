import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { type AbortOptions, abortReason, type Clock, deadline, sleep } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import type { Role, Roster } from '../../base/roles.ts'
import { type Libp2pNode, idOf } from './create-libp2p.ts'
import { boundLocated, findPeers, type LocatedPeer } from '../find-peers.ts'
import type { Directory, Network } from '../network.ts'
import { rendezvous } from './rendezvous.ts'

/** When a {@link KadDirectory} asks and tells. */
export interface KadDirectoryInit {
  /** Announce again after this long, in ms. */
  announceMs?: number
  /** Longest wait for the DHT in one `find` or `announce`, in ms. */
  dhtMs?: number
  /** Longest wait of a `find` that has found nobody yet, in ms. */
  findMs?: number
}

/** What a {@link KadDirectory} does unless told otherwise. */
const KAD_DIRECTORY_DEFAULTS = Object.freeze({
  announceMs: 10 * 60_000, // records live 48 hours, but whoever joined since holds none
  dhtMs: 2_000, // ten times the median of a look-up among 20 peers
  findMs: 10_000
}) satisfies Required<KadDirectoryInit>

/** What a {@link KadDirectory} stands on. */
export interface KadDirectoryComponents {
  readonly node: Libp2pNode
  readonly network: Network
  readonly roster: Roster
  readonly clock: Clock
}

const SETTLE_MS = 500 // after a new peer came up: identify must have told the DHT of it
const RETRY_MS = 250
const GRACE_MS = 500 // twice the median of a look-up among 20 peers

/**
 * The {@link Directory} over kad-dht: who carries a role provides that role's rendezvous key. On a young network the
 * routing tables are still empty, so `find` also asks the connected peers whom they know, and waits for the first find.
 */
export class KadDirectory implements Directory {
  readonly #node: Libp2pNode
  readonly #network: Network
  readonly #roster: Roster
  readonly #clock: Clock
  readonly #init: Required<KadDirectoryInit>
  readonly #announced = new Set<Role>()
  readonly #stopped = new AbortController()
  #wake = (): void => {}

  constructor({ node, network, roster, clock }: KadDirectoryComponents, init: KadDirectoryInit = {}) {
    this.#node = node
    this.#network = network
    this.#roster = roster
    this.#clock = clock
    this.#init = withDefaults<Required<KadDirectoryInit>>(KAD_DIRECTORY_DEFAULTS, init)
  }

  /** Answer the other peers' questions, and announce again every so often and after a new peer came up. */
  start(): void {
    this.#network.handle(findPeers, async ({ role }) => ({ peers: boundLocated(await this.#known(role)) }))
    const forget = this.#network.onPeer((_, state) => {
      if (state === 'up') this.#wake()
    })
    this.#stopped.signal.addEventListener('abort', forget)
    void this.#keepAnnounced()
  }

  /** Announce no more. */
  stop(): void {
    this.#stopped.abort()
  }

  async announce(role: Role): Promise<void> {
    if (!this.#carries(this.#network.self, role)) {
      throw new NetError('NOT_PERMITTED', `the roster does not give this peer the role ${role}`)
    }
    this.#announced.add(role)
    await this.#provide(role)
  }

  async find(role: Role, options: AbortOptions = {}): Promise<PeerId[]> {
    const limit = deadline(this.#clock, this.#init.findMs, options)
    try {
      for (;;) {
        const found = new Set(this.#connected(role))
        await this.#ask(role, found, limit.signal)
        found.delete(this.#network.self)
        if (options.signal?.aborted) throw abortReason(options.signal)
        if (found.size > 0 || limit.signal.aborted) return [...found]
        await sleep(this.#clock, RETRY_MS, { signal: limit.signal }).catch(() => {}) // then the loop ends
      }
    } finally {
      limit.clear()
    }
  }

  // Peers answer in milliseconds; once they have named somebody, the DHT gets a moment to name others.
  async #ask(role: Role, found: Set<PeerId>, signal: AbortSignal): Promise<void> {
    const enough = new AbortController()
    const dht = this.#askDht(role, found, AbortSignal.any([signal, enough.signal]))
    await this.#askPeers(role, found, signal)
    if (found.size === 0) return await dht
    const rest = deadline(this.#clock, GRACE_MS, { signal })
    rest.signal.addEventListener('abort', () => enough.abort(), { once: true })
    await dht
    rest.clear()
  }

  #connected(role: Role): PeerId[] {
    return this.#network.connected().filter(peer => this.#carries(peer, role))
  }

  #carries(peer: PeerId, role: Role): boolean {
    return this.#roster.member(peer)?.roles.includes(role) ?? false
  }

  async #known(role: Role): Promise<LocatedPeer[]> {
    const self = { peer: this.#network.self, addresses: this.#node.getMultiaddrs().map(String) }
    const others = this.#connected(role).map(async peer => {
      const { addresses } = await this.#node.peerStore.get(peerIdFromString(peer))
      return { peer, addresses: addresses.map(({ multiaddr }) => String(multiaddr)) }
    })
    const located = (await Promise.allSettled(others)).flatMap(peer =>
      peer.status === 'fulfilled' ? [peer.value] : []
    )
    return this.#announced.has(role) ? [self, ...located] : located
  }

  async #askPeers(role: Role, found: Set<PeerId>, signal: AbortSignal): Promise<void> {
    const asked = this.#network.connected().map(async peer => {
      const { peers } = await this.#network.request(peer, findPeers, { role }, { signal })
      for (const located of peers) if (await this.#learn(located, role)) found.add(located.peer)
    })
    await Promise.allSettled(asked) // who does not answer does not help; the others and the DHT may
  }

  async #askDht(role: Role, found: Set<PeerId>, signal: AbortSignal): Promise<void> {
    const limit = deadline(this.#clock, this.#init.dhtMs, { signal })
    try {
      for await (const provider of this.#node.contentRouting.findProviders(rendezvous(role), {
        signal: limit.signal
      })) {
        const peer = idOf(provider.id)
        if (await this.#learn({ peer, addresses: provider.multiaddrs.map(String) }, role)) found.add(peer)
      }
    } catch {
      // an empty table, or no answer in time: what was found so far counts
    } finally {
      limit.clear()
    }
  }

  // Addresses come from anybody: noise proves at the dial who is there, the roster says now whether we want to know.
  async #learn({ peer, addresses }: LocatedPeer, role: Role): Promise<boolean> {
    if (!this.#carries(peer, role)) return false
    if (peer !== this.#network.self && addresses.length > 0) {
      const multiaddrs = addresses.flatMap(address => {
        try {
          return [multiaddr(address)]
        } catch {
          return [] // not an address: somebody else's mistake, of no use to us
        }
      })
      await this.#node.peerStore.merge(peerIdFromString(peer), { multiaddrs })
    }
    return true
  }

  async #provide(role: Role): Promise<void> {
    const limit = deadline(this.#clock, this.#init.dhtMs, { signal: this.#stopped.signal })
    try {
      await this.#node.contentRouting.provide(rendezvous(role), { signal: limit.signal })
    } catch {
      // nobody there yet: announced again when the first peer comes up
    } finally {
      limit.clear()
    }
  }

  async #keepAnnounced(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const woken = Promise.withResolvers<void>()
      this.#wake = woken.resolve
      const rest = new AbortController()
      const stop = AbortSignal.any([signal, rest.signal])
      await Promise.race([woken.promise, sleep(this.#clock, this.#init.announceMs, { signal: stop }).catch(() => {})])
      rest.abort()
      await sleep(this.#clock, SETTLE_MS, { signal }).catch(() => {}) // stopped: the loop ends
      if (!signal.aborted) await Promise.all([...this.#announced].map(role => this.#provide(role)))
    }
  }
}
