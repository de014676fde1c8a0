const SAMPLES = 32 // enough for a 95th percentile, little enough to follow a peer that changes

/**
 * The latest costs of a peer's answers, in ms per unit of work, so that large and small answers compare.
 * Gives the 95th percentile: what later than that is called late.
 */
export class LatencyWindow {
  readonly #costs: number[] = []
  #next = 0

  /** Note an answer that took `ms` for `units` of work (1 for a beat). */
  add(ms: number, units = 1): void {
    this.#costs[this.#next] = ms / units
    this.#next = (this.#next + 1) % SAMPLES
  }

  /** How many answers are remembered, 0 to 32. */
  get size(): number {
    return this.#costs.length
  }

  /** The time under which 95 in 100 answers of `units` came, in ms; undefined before the first. */
  p95(units = 1): number | undefined {
    if (this.#costs.length === 0) return undefined
    const sorted = [...this.#costs].sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] * units
  }
}
