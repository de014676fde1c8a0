import { NetError } from '../base/errors.ts'
import { checkWhole } from '../base/options.ts'
import { type CodeSpace, spaceName } from '../hashing/hash-code.ts'
import type { ImageClaim } from './image-record.ts'
import { NearestCodes } from './nearest.ts'
import { OwnerUsage } from './owner-usage.ts'
import type { Neighbour } from './record-store.ts'

/** What of a claim is held in memory, or counted. */
export type IndexedClaim = Pick<ImageClaim, 'id' | 'space' | 'code' | 'owner' | 'size'>

/** The codes of the stored images in memory, and what each owner has stored. The codes are apart by code space: only codes of one space are ever ranked together. */
export class CodeIndex {
  /** What each owner has stored. */
  readonly usage = new OwnerUsage()
  readonly #spaces = new Map<string, { space: CodeSpace; codes: NearestCodes }>()
  #size = 0

  /** Images in all spaces. */
  get size(): number {
    return this.#size
  }

  /** Take an image in, or, when it is known in this space, give it another code. */
  add(claim: IndexedClaim): void {
    const { id, space, code } = claim
    const name = spaceName(space)
    const at = this.#spaces.get(name) ?? { space, codes: new NearestCodes(space.bits) }
    this.#spaces.set(name, at)
    if (!at.codes.add(id, code)) return
    this.#size++
    this.usage.add(claim)
  }

  /** Forget an image; nothing happens when it is not in this space. */
  remove(claim: IndexedClaim): void {
    const { id, space } = claim
    const name = spaceName(space)
    const at = this.#spaces.get(name)
    if (at?.codes.remove(id)) {
      this.#size--
      this.usage.remove(claim)
    }
    if (at?.codes.size === 0) this.#spaces.delete(name)
  }

  /** Put an image's new claim, if any, in the place of its old one, if any. */
  replace(old: IndexedClaim | undefined, fresh: IndexedClaim | undefined): void {
    if (old !== undefined) this.remove(old)
    if (fresh !== undefined) this.add(fresh)
  }

  /**
   * The k images nearest to `code` in `space`, exact, by distance and then by image id (SimImgSearch).
   * @throws NetError `CODE_LENGTH_MISMATCH` when `code` is not of `space`, or no stored code has that length;
   *   `MODEL_MISMATCH` when images are stored, but none in this space
   */
  nearest(code: Uint8Array, space: CodeSpace, k: number): Neighbour[] {
    checkWhole('k', k, 0, 2 ** 31 - 1)
    if (code.length * 8 !== space.bits) throw lengthMismatch(code.length * 8, space.bits)
    const at = this.#spaces.get(spaceName(space))
    if (at === undefined) {
      if (this.#size > 0) throw this.#mismatch(space)
      return []
    }
    return at.codes.nearest(code, k)
  }

  #mismatch(space: CodeSpace): NetError {
    const [other] = this.#spaces.values()
    const sameLength = this.#spaces.values().some(each => each.space.bits === space.bits)
    if (!sameLength) return lengthMismatch(space.bits, other.space.bits)
    return new NetError('MODEL_MISMATCH', 'no image is stored under codes of this model and view')
  }
}

function lengthMismatch(bits: number, expected: number): NetError {
  return new NetError(
    'CODE_LENGTH_MISMATCH',
    `a code of ${bits} bits does not compare with codes of ${expected} bits`,
    {
      detail: { bits, expected }
    }
  )
}
