import type { PeerId } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'

const LEAST_MANY = 3 // leftovers of a store or two are no sign of anything
const SHARE_MANY = 0.1
const WITNESSES = 2 // one slave may lie, and must not stop a master that is right

/** What one slave's list came to. */
interface Count {
  readonly listed: number
  /** Shadows of images of which the index knows nothing. */
  readonly unknown: number
}

/**
 * How many of the shadows on slaves the index knows nothing of. Where several slaves hold many of them, it is the index that is
 * behind: lost, new, or restored from an old backup. Nothing is collected then but what owners deleted.
 */
export class ShadowCensus {
  readonly #counts = new Map<PeerId, Count>()
  readonly #log: Log
  #wasBehind = false

  constructor(log: Log) {
    this.#log = log
  }

  /** A slave's list was read to its end. */
  note(slave: PeerId, count: Count): void {
    this.#counts.set(slave, count)
    if (this.isBehind === this.#wasBehind) return
    this.#wasBehind = this.isBehind
    const unknown = this.unknown
    if (this.isBehind) this.#log('the index is behind: slaves hold what it does not know', { alarm: 'index', unknown })
    else this.#log('the index is no longer behind', { unknown })
  }

  /** Shadows of which the index knows nothing, by the last lists. */
  get unknown(): number {
    let sum = 0
    for (const { unknown } of this.#counts.values()) sum += unknown
    return sum
  }

  /** Whether the index must be behind what slaves hold. */
  get isBehind(): boolean {
    const counts = [...this.#counts.values()]
    const many = counts.filter(({ listed, unknown }) => unknown > Math.max(LEAST_MANY, SHARE_MANY * listed))
    return many.length > 0 && many.length >= Math.min(WITNESSES, counts.length)
  }
}
