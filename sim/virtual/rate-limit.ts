/** A token bucket per name: `perSecond` on average, bursts of as many again. */
export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  /** Take one token of `name`'s bucket; false when it is empty. */
  take(name: string, perSecond: number, nowMs: number): boolean {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = { tokens: perSecond * 2, atMs: nowMs }
      this.#buckets.set(name, bucket)
    }
    const earned = (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond
    bucket.tokens = Math.min(perSecond * 2, bucket.tokens + earned)
    bucket.atMs = nowMs
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
