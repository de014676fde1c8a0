import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { type AbortOptions, abortReason, type Clock, deadline, sleep } from '../../base/clock.ts'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type Random, randomUnit } from '../../base/random.ts'
import { findPeers } from '../find-peers.ts'
import type { Libp2pNode } from './create-libp2p.ts'
import { openStream } from './open-stream.ts'

/** Whom to dial first. */
export interface BootstrapInit {
  /** Multiaddrs with the peer's id (`/ip4/10.0.0.7/tcp/4001/p2p/12D3Koo…`); our own are passed over. */
  readonly addresses: () => readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
const DIAL_MS = 5_000

/** @throws NetError `CONFIG_INVALID` for an address that is none */
export function checkAddress(text: string): void {
  try {
    multiaddr(text)
  } catch (error) {
    throw new NetError('CONFIG_INVALID', `${text.slice(0, 200)} is not a multiaddr`, { cause: error })
  }
}

/** Dials the peers to begin with, and says once what is wrong with them until they are reached. */
export class Bootstrap {
  readonly #node: Libp2pNode
  readonly #init: BootstrapInit
  readonly #told = new Set<string>()

  constructor(node: Libp2pNode, init: BootstrapInit) {
    this.#node = node
    this.#init = init
  }

  /**
   * Dial every address until one has answered, again and again with growing pauses for `withinMs`.
   * @throws NetError `BOOTSTRAP_UNREACHABLE`
   */
  async reach({ withinMs, signal }: AbortOptions & { withinMs: number }): Promise<void> {
    const { clock, random } = this.#init
    const others = this.#others()
    if (others.length === 0) return
    const limit = deadline(clock, withinMs, { signal })
    let last: unknown
    try {
      for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
        const dials = await Promise.allSettled(others.map(address => this.#dial(address, limit.signal)))
        if (dials.some(({ status }) => status === 'fulfilled')) return
        last = dials.find(result => result.status === 'rejected')?.reason
        await sleep(clock, jittered(waitMs, random), { signal: limit.signal })
      }
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal)
      const message = `no bootstrap peer answered within ${withinMs} ms: ${others.join(', ').slice(0, 300)}`
      throw new NetError('BOOTSTRAP_UNREACHABLE', message, { detail: { withinMs }, cause: last ?? error })
    } finally {
      limit.clear()
    }
  }

  /** Dial every address once; afterwards it is up to {@link keep}. Never throws. */
  async tryOnce(signal: AbortSignal): Promise<void> {
    const others = this.#others()
    if (others.length === 0) return
    const { log } = this.#init
    const dials = await Promise.allSettled(others.map(address => this.#dial(address, signal)))
    if (signal.aborted) return
    if (dials.some(({ status }) => status === 'fulfilled')) this.#told.delete('nobody')
    else
      this.#tell('nobody', () =>
        log('no bootstrap peer answers yet: this peer goes on trying', { tried: others.length })
      )
  }

  /** Dial all of them whenever no peer is connected, until the signal fires. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#init
    for (let waitMs = FIRST_WAIT_MS; !signal.aborted; ) {
      try {
        await sleep(clock, jittered(waitMs, random), { signal })
      } catch {
        return // stopped
      }
      if (this.#node.getPeers().length > 0) {
        if (this.#told.delete('nobody')) log('a peer answers again')
        waitMs = LONGEST_WAIT_MS / 10
      } else {
        await this.tryOnce(signal)
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
      }
    }
  }

  async #dial(address: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    const limit = deadline(clock, DIAL_MS, { signal })
    try {
      await this.#node.dial(multiaddr(address), { signal: limit.signal })
      await this.#admitted(address, limit.signal)
    } catch (error) {
      throw asError(error)
    } finally {
      limit.clear()
    }
  }

  // A peer that does not admit us lets the dial succeed and then closes: a stream shows it.
  async #admitted(address: string, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#init
    const peer = /\/p2p\/(\w+)$/.exec(address)?.[1]
    if (peer === undefined) return
    try {
      const stream = await openStream(this.#node, peerIdFromString(peer), { id: findPeers.id, clock, signal })
      stream.abort(new Error('seen enough'))
      this.#told.delete(peer)
    } catch (error) {
      if (!isNetError(error, 'NOT_PERMITTED')) return // it was there a moment ago: that counts
      this.#tell(peer, () =>
        log('a peer does not admit this one yet, its roster may not name it: this peer goes on trying', { peer })
      )
    }
  }

  #tell(what: string, tell: () => void): void {
    if (this.#told.has(what)) return
    this.#told.add(what)
    tell()
  }

  #others(): string[] {
    const self = this.#node.peerId.toString()
    return [...new Set(this.#init.addresses())].filter(address => !address.endsWith(`/p2p/${self}`))
  }
}

// So that a ward of peers that lost their master together does not dial it together.
function jittered(waitMs: number, random: Random): number {
  return waitMs * (0.75 + randomUnit(random) / 2)
}
