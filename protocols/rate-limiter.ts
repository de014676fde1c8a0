import type { Clock } from '../base/clock.ts'
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
    const now = this.#clock.monotonic()
    const name = `${caller} ${id}`
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = { tokens: 2 * ratePerSecond, at: now }
      this.#buckets.set(name, bucket)
    }
    const earned = ((now - bucket.at) / 1000) * ratePerSecond
    bucket.tokens = Math.min(2 * ratePerSecond, bucket.tokens + earned)
    bucket.at = now
    if (bucket.tokens < 1) {
      throw new NetError('RATE_LIMITED', `more than ${ratePerSecond} requests a second`, { detail: { ratePerSecond } })
    }
    bucket.tokens -= 1
  }
}
