import type { Clock } from '../../base/clock.ts'

const MINUTE_MS = 60_000
const HOUR_MINUTES = 60
const LEAST_PER_HOUR = 1000 // of a small slave: what an hour of honest deletions and failed stores comes to
const SHARE_PER_HOUR = 0.05 // a rogue master needs a day for what a slave holds, and the trash keeps all of it

/**
 * How many shadows a slave drops in an hour, whoever asks and however well it is proven: a bound on the harm of a master that
 * runs away. Counted by the minute over the last sixty; a restart begins anew.
 */
export class DropBudget {
  readonly #clock: Clock
  readonly #maxPerHour: number | undefined
  /** Drops and refusals of a minute, by its number. */
  readonly #minutes = new Map<number, { drops: number; refused: number }>()

  /** @param maxPerHour left out: 1000, or 5 % of what is held if that is more */
  constructor(clock: Clock, maxPerHour?: number) {
    this.#clock = clock
    this.#maxPerHour = maxPerHour
  }

  /** Drops of the last hour. */
  get drops(): number {
    return this.#sum('drops')
  }

  /** Drops that were refused in the last hour. */
  get refused(): number {
    return this.#sum('refused')
  }

  /** How many drops an hour may have by a slave that holds so many shadows now. */
  limit(held: number): number {
    return this.#maxPerHour ?? Math.max(LEAST_PER_HOUR, Math.floor(SHARE_PER_HOUR * (held + this.drops)))
  }

  /** Take one of the drops that are left; false, and counted as refused, when none is. */
  take(held: number): boolean {
    const isLeft = this.drops < this.limit(held)
    const minute = this.#minute()
    const count = this.#minutes.get(minute) ?? { drops: 0, refused: 0 }
    count[isLeft ? 'drops' : 'refused']++
    this.#minutes.set(minute, count)
    return isLeft
  }

  #sum(what: 'drops' | 'refused'): number {
    const now = this.#minute()
    let sum = 0
    for (const [minute, count] of this.#minutes) {
      if (minute <= now - HOUR_MINUTES) this.#minutes.delete(minute)
      else sum += count[what]
    }
    return sum
  }

  #minute(): number {
    return Math.floor(this.#clock.monotonic() / MINUTE_MS)
  }
}
