import type { Clock } from '../../base/clock.ts'
import { StreamGone, type WireStream } from './wire-stream.ts'

/** How long an answering peer keeps a stream that asks nothing, in ms. */
export const ANSWERER_IDLE_MS = 90_000

const ASKER_IDLE_MS = 30_000 // well before the answering end gives up, so that both agree

/**
 * Streams that have carried a bulk message and can carry the next: opening one costs two round trips, and its flow
 * window starts at 256 KiB again. A stream carries one message at a time.
 */
export class StreamPool {
  readonly #clock: Clock
  readonly #idle = new Map<string, Map<WireStream, () => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** An idle stream to this peer and protocol, no longer in the pool, or undefined. */
  take(name: string): WireStream | undefined {
    const idle = this.#idle.get(name)
    for (const [wire, cancel] of idle ?? []) {
      cancel()
      idle?.delete(wire)
      if (wire.reusable) return wire
      wire.abort(new StreamGone('no longer of use'))
    }
    return undefined
  }

  /** Keep a stream whose answer has been read to its end. */
  put(name: string, wire: WireStream): void {
    if (!wire.reusable) {
      wire.abort(new StreamGone('of no further use'))
      return
    }
    const idle = this.#idle.get(name) ?? new Map()
    this.#idle.set(name, idle)
    const drop = (): void => {
      idle.delete(wire)
      wire.abort(new StreamGone('idle for long'))
    }
    const cancel = this.#clock.setTimer(ASKER_IDLE_MS, drop)
    const forget = wire.onClose(() => {
      cancel()
      idle.delete(wire)
    })
    idle.set(wire, () => {
      cancel()
      forget()
    })
  }

  /** Give up all idle streams. */
  clear(): void {
    for (const idle of this.#idle.values()) {
      for (const [wire, cancel] of idle) {
        cancel()
        wire.abort(new StreamGone('the network stopped'))
      }
    }
    this.#idle.clear()
  }
}
