import { isCopy } from '../data/copies.ts'
import type { ViewSet } from '../data/load-views.ts'
import { shifted } from '../data/shifted.ts'
import { describeAll, type Sight } from '../workers/see-images.ts'

/** Images that were shown again, and the stored ones that they are. */
export interface Shown {
  /** Grey planes of side x side, 0 to 255, one after the other. */
  readonly views: readonly Uint8Array[]
  /** Index of each in the stored images. */
  readonly originals: Int32Array
}

/** By how much a query is moved before it is looked up, in pixels right and down: the nearest of all counts. */
export type Jitter = readonly { readonly right: number; readonly down: number }[]

/** As it is, and moved by `by` pixels in eight directions. */
export function jitterOf(by: number): Jitter {
  const steps = [-by, 0, by]
  return by === 0 ? [{ right: 0, down: 0 }] : steps.flatMap(right => steps.map(down => ({ right, down })))
}

/** Descriptors of stored images, among which shown ones are looked up. */
export class DescriptorIndex {
  readonly #sight: Omit<Sight, 'views' | 'images'>
  readonly #stored: ViewSet
  readonly #rows: readonly Int8Array[]

  private constructor(sight: Omit<Sight, 'views' | 'images'>, stored: ViewSet, rows: readonly Int8Array[]) {
    this.#sight = sight
    this.#stored = stored
    this.#rows = rows
  }

  /** Describe all images of `stored`. */
  static async of(sight: Omit<Sight, 'views' | 'images'>, stored: ViewSet): Promise<DescriptorIndex> {
    const images = Int32Array.from(stored.names.keys())
    return new DescriptorIndex(sight, stored, rowsOf(await describeAll({ ...sight, images }, stored.pixels), images))
  }

  /** Share of the shown images of which the original, or a copy of it, is the nearest of all stored ones. */
  async recall({ views, originals }: Shown, jitter: Jitter = jitterOf(0)): Promise<number> {
    const nearest = originals.map(() => 0)
    const least = new Float64Array(originals.length).fill(Number.POSITIVE_INFINITY)
    for (const by of jitter) {
      const rows = await this.#describe(views.map(view => shifted(view, this.#stored.side, by)))
      rows.forEach((row, at) => {
        this.#rows.forEach((other, stored) => {
          const distance = squaredDistance(row, other)
          if (distance >= least[at]) return
          least[at] = distance
          nearest[at] = stored
        })
      })
    }
    const right = originals.filter((original, at) => isCopy(this.#view(original), this.#view(nearest[at])))
    return right.length / originals.length
  }

  async #describe(views: readonly Uint8Array[]): Promise<readonly Int8Array[]> {
    const plane = this.#stored.side ** 2
    const pixels = new Uint8Array(new SharedArrayBuffer(views.length * plane))
    views.forEach((view, at) => {
      pixels.set(view, at * plane)
    })
    const images = Int32Array.from(views.keys())
    return rowsOf(await describeAll({ ...this.#sight, images }, pixels), images)
  }

  #view(at: number): Uint8Array {
    const plane = this.#stored.side ** 2
    return this.#stored.pixels.subarray(at * plane, (at + 1) * plane)
  }
}

function rowsOf(joined: Int8Array, images: Int32Array): readonly Int8Array[] {
  const values = joined.length / images.length
  return Array.from(images, (_, at) => joined.subarray(at * values, (at + 1) * values))
}

function squaredDistance(a: Int8Array, b: Int8Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2
  return sum
}
