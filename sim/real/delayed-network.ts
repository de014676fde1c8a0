import { type AbortOptions, type Clock, sleep } from '../../base/clock.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Handler, Network, Protocol } from '../../protocols/network.ts'

/**
 * A network with a longer line: every request and every answer takes `oneWayMs` more, side by side. (libp2p's memory
 * transport delays one buffer after the other, so that a large message takes many latencies.)
 */
export class DelayedNetwork implements Network {
  readonly #network: Network
  readonly #clock: Clock
  readonly #oneWayMs: number

  constructor(network: Network, clock: Clock, oneWayMs: number) {
    this.#network = network
    this.#clock = clock
    this.#oneWayMs = oneWayMs
  }

  get self(): PeerId {
    return this.#network.self
  }

  async request<Q, A>(peer: PeerId, protocol: Protocol<Q, A>, request: Q, options: AbortOptions = {}): Promise<A> {
    await sleep(this.#clock, this.#oneWayMs, options)
    try {
      return await this.#network.request(peer, protocol, request, options)
    } finally {
      await sleep(this.#clock, this.#oneWayMs, options) // a refusal has the same way to go
    }
  }

  handle<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>): void {
    this.#network.handle(protocol, handler)
  }

  connected(): PeerId[] {
    return this.#network.connected()
  }

  onPeer(listener: (peer: PeerId, state: 'up' | 'down') => void): () => void {
    return this.#network.onPeer(listener)
  }
}
