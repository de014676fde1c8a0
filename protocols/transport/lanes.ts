import type { Clock } from '../../base/clock.ts'
import type { WireStream } from './wire-stream.ts'

/** The streams from here to one peer for one protocol. They outlive the requests they carry. */
export interface Lanes {
  /**
   * Ask and wait, in line when the lanes are full.
   * @throws NetError what the peer answered, `BUSY` when the line is full too, or the signal's reason
   * @throws StreamGone
   */
  ask(request: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array>
  /** Give the streams up. */
  clear(): void
}

/** What {@link Lanes} are made of. */
export interface LanesInit {
  /** A new stream. */
  readonly open: (signal: AbortSignal) => Promise<WireStream>
  readonly clock: Clock
  readonly maxAnswerBytes: number
  /** Longest silence within a message, in ms. */
  readonly stallMs: number
}

/** Most requests that wait in line for one peer and protocol. */
export const MAX_WAITING = 1024
