import type { AbortOptions } from '../base/clock.ts'
import type { PeerId } from '../base/ids.ts'
import type { Member, Role } from '../base/roles.ts'
import type { Codec } from '../codec/codec.ts'

/** One request and its answer on the wire: everything the two ends must agree on. */
export interface Protocol<Q, A> {
  /** `/sfmedir/<name>/1.0.0`. */
  readonly id: string
  /** Who may call it; anyone in the roster who has none of these roles gets `NOT_PERMITTED`. */
  readonly callers: readonly Role[]
  readonly maxRequestBytes: number
  readonly maxAnswerBytes: number
  /** Both ends give up after this long, in ms. */
  readonly timeoutMs: number
  /** Requests per second that one caller may send on average; bursts of as many again. */
  readonly ratePerSecond: number
  /** Small messages to one peer share long-lived streams; a bulk message has a stream of its own, in checked chunks. */
  readonly stream: 'shared' | 'own'
  readonly request: Codec<Q>
  readonly answer: Codec<A>
}

/** Answers a protocol's requests. A NetError it throws reaches the caller with its code; any other error as `INTERNAL`. */
export type Handler<Q, A> = (request: Q, caller: Member, options: Required<AbortOptions>) => Promise<A>

/** The port through which roles reach other peers: libp2p in life, a seeded event loop in the simulator. */
export interface Network {
  readonly self: PeerId
  /**
   * Ask a peer; dials it when not connected. Ends by the protocol's time limit at the latest.
   * @throws NetError with the code the peer answered, or `PEER_UNREACHABLE`, `REQUEST_TIMEOUT`, `REQUEST_ABORTED`,
   *   `PROTOCOL_UNSUPPORTED`, `NOT_PERMITTED`, `MESSAGE_INVALID`, `MESSAGE_TOO_LARGE`, `RATE_LIMITED`, `BUSY`
   */
  request<Q, A>(peer: PeerId, protocol: Protocol<Q, A>, request: Q, options?: AbortOptions): Promise<A>
  /** Answer a protocol from now on. One handler a protocol. */
  handle<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>): void
  /** Admitted peers with an open connection. */
  connected(): PeerId[]
  /** Call `listener` whenever an admitted peer's connection opens (`up`) or its last one closes; returns the way to stop. */
  onPeer(listener: (peer: PeerId, state: 'up' | 'down') => void): () => void
}

/** The port through which peers find each other: a DHT in life. For finding, never on the path of a query. */
export interface Directory {
  /**
   * Say that this peer carries a role, now and again every so often until the network stops.
   * @throws NetError `NOT_PERMITTED` when the roster does not give it that role
   */
  announce(role: Role): Promise<void>
  /** Admitted peers that announced a role, in no order, this one perhaps among them; those found can be asked through the {@link Network}. */
  find(role: Role, options?: AbortOptions): Promise<PeerId[]>
}
