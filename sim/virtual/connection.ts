import type { Clock } from '../../base/clock.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Protocol } from '../../protocols/network.ts'
import type { Call } from './call.ts'

/** An open connection between two lives of peers. */
export interface Connection {
  readonly ends: readonly [End, End]
  open: boolean
  /** When the last ordered message to each end arrives. */
  readonly lastArrival: [number, number]
}

/** One life of a peer, as the wires and the other ends of its connections see it. */
export interface End {
  readonly self: PeerId
  readonly clock: Clock
  /** Whether this life still goes on. */
  readonly alive: boolean
  /** Whether it is stopped, as by SIGSTOP. */
  readonly frozen: boolean
  readonly connections: EndConnections
  /** Do `action` now, or once this life is no longer frozen, unless it ends first. */
  whenAwake(action: () => void): void
  /** A request arrived: judge it, answer it, send the answer back. */
  receive(connection: Connection, sent: Sent): Promise<void>
  /** A connection broke: what waited on it ends. */
  loseCalls(connection: Connection): void
}

/** The connections of one end. */
export interface EndConnections {
  /** This end's part of a new connection. */
  add(other: End, connection: Connection): void
  /** This end's part of a break. */
  remove(other: End, connection: Connection): void
  /** Break every connection, at both ends. */
  breakAll(): void
  /** Give up the connections over which nothing has come for the keep-alive time, if that lasts. */
  noticeSilence(): void
}

/** A request on its way, with the call that waits for its answer. */
export interface Sent {
  readonly protocol: Protocol<unknown, unknown>
  readonly bytes: Uint8Array
  readonly call: Call
}
