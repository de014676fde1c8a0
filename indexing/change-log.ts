import type { ImageId } from '../base/ids.ts'

/** One line of a {@link ChangeLog}. */
export interface LoggedChange {
  readonly sequence: number
  readonly image: ImageId
}

const COMPACT_FROM = 1024 // below this, dead lines cost nothing worth tidying

/** Which image changed at which sequence, in memory; an image stands only at its last change. */
export class ChangeLog {
  readonly #latest = new Map<ImageId, number>()
  #lines: LoggedChange[] = []
  #lastSequence = 0

  /** Sequence of the last change; 0 when there was none. */
  get lastSequence(): number {
    return this.#lastSequence
  }

  /** Note that `image` changed now; returns the change's sequence. */
  append(image: ImageId): number {
    const sequence = ++this.#lastSequence
    this.#latest.set(image, sequence)
    this.#lines.push({ sequence, image })
    if (this.#lines.length > COMPACT_FROM && this.#lines.length > 2 * this.#latest.size) {
      this.#lines = this.#lines.filter(line => this.#isLatest(line))
    }
    return sequence
  }

  /** The first `limit` changes after `sequence`, in order. */
  after(sequence: number, limit: number): LoggedChange[] {
    const changes: LoggedChange[] = []
    for (let at = this.#firstAfter(sequence); at < this.#lines.length && changes.length < limit; at++) {
      if (this.#isLatest(this.#lines[at])) changes.push(this.#lines[at])
    }
    return changes
  }

  #isLatest({ sequence, image }: LoggedChange): boolean {
    return this.#latest.get(image) === sequence
  }

  #firstAfter(sequence: number): number {
    let low = 0
    let high = this.#lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#lines[middle].sequence > sequence) high = middle
      else low = middle + 1
    }
    return low
  }
}
