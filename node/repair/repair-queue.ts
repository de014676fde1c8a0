import type { ImageId } from '../../base/ids.ts'
import type { RepairNeed } from './assess-image.ts'

/** An image that waits to be shared anew. */
export interface WaitingImage extends RepairNeed {
  readonly image: ImageId
  /** Since when it is known to need it, on the monotonic clock. */
  readonly since: number
}

interface Failure {
  readonly tries: number
  readonly notBefore: number
}

const MOST = 10_000 // of some 300 bytes; those nearest to loss, and the next look finds the others
const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 600_000

/**
 * The images that wait to be shared anew, nearest to loss first: repairs before moves, then by how many shadows they may still
 * lose. One that could not be repaired waits longer each time.
 */
export class RepairQueue {
  #waiting: WaitingImage[] = []
  #beyond = 0
  readonly #since = new Map<ImageId, number>()
  readonly #failures = new Map<ImageId, Failure>()

  /** How many images wait, also those that did not find a place in it. */
  get length(): number {
    return this.#waiting.length + this.#beyond
  }

  /** How many shadows the image nearest to loss may still lose; undefined when none has lost any. */
  get nearest(): number | undefined {
    const [first] = this.#waiting
    return first?.why === 'repair' ? first.spare : undefined
  }

  /** How many of them could not be shared anew when it was tried. */
  get failing(): number {
    return this.#failures.size
  }

  /** Go by what was found now, in place of what waited before. */
  replace(found: readonly { readonly image: ImageId; readonly need: RepairNeed }[], now: number): void {
    const sorted = [...found].sort((a, b) => urgency(a.need) - urgency(b.need))
    const kept = new Map(sorted.slice(0, MOST).map(({ image, need }) => [image, need]))
    this.#beyond = sorted.length - kept.size
    for (const known of [this.#since, this.#failures]) {
      for (const image of known.keys()) if (!kept.has(image)) known.delete(image)
    }
    this.#waiting = [...kept].map(([image, need]) => {
      const since = this.#since.get(image) ?? now
      this.#since.set(image, since)
      return { image, ...need, since }
    })
  }

  /** The first so many that wait. */
  first(count: number): readonly WaitingImage[] {
    return this.#waiting.slice(0, count)
  }

  /** These need nothing any more. */
  drop(settled: ReadonlySet<ImageId>): void {
    this.#waiting = this.#waiting.filter(({ image }) => !settled.has(image))
    for (const image of settled) {
      this.#since.delete(image)
      this.#failures.delete(image)
    }
  }

  /** The first that `may` be taken now and has not failed too lately; it waits no more. */
  next(now: number, may: (waiting: WaitingImage) => boolean): WaitingImage | undefined {
    const at = this.#waiting.findIndex(each => (this.#failures.get(each.image)?.notBefore ?? 0) <= now && may(each))
    if (at < 0) return undefined
    const [taken] = this.#waiting.splice(at, 1)
    return taken
  }

  /** It is done with: shared anew, or nothing to be done any more. */
  done({ image }: WaitingImage): void {
    this.#since.delete(image)
    this.#failures.delete(image)
  }

  /** It could not be shared anew: again later. */
  failed(item: WaitingImage, now: number): void {
    const tries = (this.#failures.get(item.image)?.tries ?? 0) + 1
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1))
    this.#failures.set(item.image, { tries, notBefore: now + waitMs })
    const at = this.#waiting.findIndex(each => urgency(each) > urgency(item))
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, item)
  }

  /** A slave is back or new: what failed may be tried at once. */
  retry(): void {
    for (const [image, { tries }] of this.#failures) this.#failures.set(image, { tries, notBefore: 0 })
  }
}

const MOVES = 1000 // above any number of shadows

function urgency({ why, spare }: RepairNeed): number {
  return spare + (why === 'move' ? MOVES : 0)
}
