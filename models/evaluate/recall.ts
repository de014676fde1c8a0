import { descriptorSimilarity } from '../../hashing/descriptor.ts'
import { isCopy } from '../data/copies.ts'
import type { ViewSet } from '../data/load-views.ts'
import { describeAll, type Sight } from '../workers/see-images.ts'

/** Images that were shown again, and the stored ones that they are. */
export interface Shown {
  /** Grey planes of side x side, 0 to 255, one after the other. */
  readonly views: readonly Uint8Array[]
  /** Index of each in the stored images. */
  readonly originals: Int32Array
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

  /** For each view the nearest of all stored images. */
  async nearest(views: readonly Uint8Array[]): Promise<Int32Array> {
    const rows = await this.#describe(views)
    return Int32Array.from(rows, row => {
      let [best, most] = [0, -1]
      this.#rows.forEach((other, stored) => {
        const similarity = descriptorSimilarity(row, other)
        if (similarity > most) [best, most] = [stored, similarity]
      })
      return best
    })
  }

  /** Share of the shown images of which the original, or a copy of it, is the nearest of all stored ones. */
  async recall({ views, originals }: Shown): Promise<number> {
    const nearest = await this.nearest(views)
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
