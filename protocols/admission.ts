import { abortReason, type Clock } from '../base/clock.ts'
import { NetError } from '../base/errors.ts'
import type { PeerId } from '../base/ids.ts'

/** What a limit applies to: a protocol's id and rate. */
export interface Rated {
  readonly id: string
  readonly ratePerSecond: number
}

/** A token bucket per caller and protocol: `ratePerSecond` on average, bursts of as many again. */
export class RateLimiter {
  readonly #clock: Clock
  readonly #buckets = new Map<string, { tokens: number; at: number }>() // callers are members: their number is bounded

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Count one request. @throws NetError `RATE_LIMITED` */
  take(caller: PeerId, { id, ratePerSecond }: Rated): void {
    const now = this.#clock.now()
    const name = `${caller} ${id}`
    const bucket = this.#buckets.get(name) ?? { tokens: 2 * ratePerSecond, at: now }
    bucket.tokens = Math.min(2 * ratePerSecond, bucket.tokens + ((now - bucket.at) / 1000) * ratePerSecond)
    bucket.at = now
    this.#buckets.set(name, bucket)
    if (bucket.tokens < 1) {
      throw new NetError('RATE_LIMITED', `more than ${ratePerSecond} requests a second`, { detail: { ratePerSecond } })
    }
    bucket.tokens -= 1
  }
}

/** Lets `most` in at a time and `mostWaiting` wait in line. */
export class Gate {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting = new Set<() => void>()
  #inside = 0

  constructor(most: number, mostWaiting: number) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** Nobody inside, nobody waiting. */
  get idle(): boolean {
    return this.#inside === 0 && this.#waiting.size === 0
  }

  /** Wait for a place; call the result to leave it. @throws NetError `BUSY` when the line is full, or the signal's reason */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (this.#inside < this.#most) this.#inside++
    else {
      if (this.#waiting.size >= this.#mostWaiting) throw busy(this.#most)
      await this.#wait(signal) // whoever leaves hands over its place
    }
    let left = false
    return () => {
      if (left) return
      left = true
      const [next] = this.#waiting
      if (next === undefined) this.#inside--
      else next()
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(go)
        reject(abortReason(signal))
      }
      const go = (): void => {
        this.#waiting.delete(go)
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#waiting.add(go)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
    })
  }
}

/** So many bytes of unfinished messages at a time, over all callers. */
export class Budget {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  /** Take `bytes`; call the result to give them back. @throws NetError `BUSY` */
  take(bytes: number): () => void {
    if (bytes > this.#free) throw new NetError('BUSY', 'too many bytes are under way already', { detail: { bytes } })
    this.#free -= bytes
    let back = false
    return () => {
      if (!back) this.#free += bytes
      back = true
    }
  }
}

/** A NetError `BUSY`: try again later or elsewhere. */
export function busy(most: number): NetError {
  return new NetError('BUSY', `more than ${most} requests at a time`, { detail: { most } })
}
