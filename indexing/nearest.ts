import type { ImageId } from '../base/ids.ts'
import { CodeDirectory } from './code-directory.ts'
import { PackedCodes } from './packed-codes.ts'
import type { Neighbour } from './record-store.ts'

const DIRECTORY_BITS = 16 // 65,536 buckets; with longer codes most would be empty
const DIRECTORY_FROM = 4096 // images; a scan of fewer costs less than the buckets' bookkeeping

/**
 * Finds the images whose codes are nearest to a trapdoor (SimImgSearch): exact, by distance and then by image id. Codes up
 * to 16 bits are found through a directory of buckets, longer ones by a scan in WASM.
 */
export class NearestCodes {
  readonly #codes: PackedCodes
  readonly #directory: CodeDirectory | undefined

  /** @param bits length of all codes: 8 to 256, a multiple of 8 */
  constructor(bits: number) {
    this.#codes = new PackedCodes(bits)
    this.#directory = bits <= DIRECTORY_BITS ? new CodeDirectory(this.#codes) : undefined
  }

  /** Images held. */
  get size(): number {
    return this.#codes.size
  }

  /** Take in an image, or give it another code; returns whether it is new. */
  add(image: ImageId, code: Uint8Array): boolean {
    const held = this.#codes.slotOf(image)
    if (held === -1) {
      const slot = this.#codes.append(image, code)
      this.#directory?.insert(slot)
      return true
    }
    this.#directory?.remove(held)
    this.#codes.setCode(held, code)
    this.#directory?.insert(held)
    return false
  }

  /** Forget an image; returns whether it was held. */
  remove(image: ImageId): boolean {
    const slot = this.#codes.slotOf(image)
    if (slot === -1) return false
    this.#directory?.remove(slot)
    if (slot !== this.#codes.size - 1) this.#directory?.move(this.#codes.size - 1, slot)
    this.#codes.removeAt(slot)
    return true
  }

  /** The k nearest, or all if there are fewer. @param code of this length */
  nearest(code: Uint8Array, k: number): Neighbour[] {
    const useDirectory = this.#directory !== undefined && this.size >= DIRECTORY_FROM && k > 0 && k < this.size
    return useDirectory ? (this.#directory?.nearest(code, k) ?? []) : this.#codes.nearest(code, k)
  }
}
