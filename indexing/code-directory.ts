import { bitCount } from '../base/bit-count.ts'
import type { PackedCodes } from './packed-codes.ts'
import type { Neighbour } from './record-store.ts'
import { SlotLists } from './slot-lists.ts'

const MOST_CODES = 65_536
const MOST_BITS = 16
const FEW_CODES = 2048 // to look at so many counts costs less than to try masks that mostly miss

/**
 * The images of every code of 8 or 16 bits, in order of their ids. Learned short codes pile up in few buckets: a query
 * then looks at the buckets, not at the images.
 */
export class CodeDirectory {
  readonly #codes: PackedCodes
  /** Slots in order of their image ids, one list a code. */
  readonly #lists: SlotLists
  /** Codes that some image has, in no order, and where each stands in this list. */
  readonly #used: number[] = []
  readonly #places: Int32Array
  /** Codes of the distance being gathered, or of all, by distance. */
  readonly #group = new Uint16Array(MOST_CODES)
  #listed = new Int32Array(1024)
  /** Bits of every mask: looking them up takes a fifth less time than counting. */
  readonly #bitCounts = Uint8Array.from({ length: MOST_CODES }, (_, mask) => bitCount(mask))
  readonly #masks = masksByBits()

  /** @param codes of 8 or 16 bits; every change there must be told here */
  constructor(codes: PackedCodes) {
    this.#codes = codes
    this.#lists = new SlotLists(2 ** (8 * codes.planes))
    this.#places = new Int32Array(this.#lists.counts.length)
  }

  /** A slot has taken its image and code. */
  insert(slot: number): void {
    const code = numberOf(this.#codes.codeOf(slot))
    if (this.#lists.counts[code] === 0) this.#places[code] = this.#used.push(code) - 1
    this.#lists.insert(code, this.#placeOf(code, slot), slot)
  }

  /** A slot is about to lose its image or code. */
  remove(slot: number): void {
    const code = numberOf(this.#codes.codeOf(slot))
    this.#lists.remove(code, this.#placeOf(code, slot))
    if (this.#lists.counts[code] > 0) return
    const last = this.#used.pop()
    if (last === undefined || last === code) return
    this.#used[this.#places[code]] = last
    this.#places[last] = this.#places[code]
  }

  /** What is at slot `from` is about to be moved to slot `to`. */
  move(from: number, to: number): void {
    const code = numberOf(this.#codes.codeOf(from))
    this.#lists.replace(code, this.#placeOf(code, from), to)
  }

  /** The k images nearest to `code`. */
  nearest(code: Uint8Array, k: number): Neighbour[] {
    const target = numberOf(code)
    return this.#used.length <= FEW_CODES ? this.#fromUsed(target, k) : this.#fromMasks(target, k)
  }

  /** Try the masks of 0, 1, 2, ... bits. */
  #fromMasks(target: number, k: number): Neighbour[] {
    const { counts } = this.#lists
    const near: Neighbour[] = []
    for (let distance = 0; distance <= MOST_BITS && near.length < k; distance++) {
      let length = 0
      const masks = this.#masks[distance]
      for (let at = 0; at < masks.length; at++) {
        const code = target ^ masks[at]
        if (code < counts.length && counts[code] > 0) this.#group[length++] = code
      }
      this.#take({ from: 0, to: length, distance, k, near })
    }
    return near
  }

  /** Put the used codes in order of their distance. */
  #fromUsed(target: number, k: number): Neighbour[] {
    const ends = new Int32Array(MOST_BITS + 2)
    for (const code of this.#used) ends[this.#bitCounts[code ^ target] + 1]++
    for (let distance = 1; distance <= MOST_BITS + 1; distance++) ends[distance] += ends[distance - 1]
    for (const code of this.#used) this.#group[ends[this.#bitCounts[code ^ target]]++] = code
    const near: Neighbour[] = []
    for (let from = 0, distance = 0; distance <= MOST_BITS && near.length < k; from = ends[distance++]) {
      this.#take({ from, to: ends[distance], distance, k, near })
    }
    return near
  }

  /** Of the codes of one distance take as many images as are wanted, in order of their ids. */
  #take({
    from,
    to,
    distance,
    k,
    near
  }: {
    from: number
    to: number
    distance: number
    k: number
    near: Neighbour[]
  }): void {
    const wanted = k - near.length
    if (to - from === 1) {
      const code = this.#group[from]
      const count = Math.min(wanted, this.#lists.counts[code])
      for (let i = 0; i < count; i++) near.push({ id: this.#codes.imageOf(this.#lists.at(code, i)), distance })
    } else if (to > from) {
      const length = this.#list(from, to, wanted)
      this.#codes.rankListed(this.#listed.subarray(0, length), { distance, k: wanted, near })
    }
  }

  /** Slots of a group of codes; of one code only the first `wanted` can matter, because they stand in order. */
  #list(from: number, to: number, wanted: number): number {
    const { counts } = this.#lists
    let length = 0
    for (let at = from; at < to; at++) {
      const code = this.#group[at]
      const count = Math.min(wanted, counts[code])
      if (length + count > this.#listed.length) {
        const wider = new Int32Array(2 * (length + count))
        wider.set(this.#listed)
        this.#listed = wider
      }
      for (let i = 0; i < count; i++) this.#listed[length++] = this.#lists.at(code, i)
    }
    return length
  }

  /** Where a slot stands, or should, in the list of a code. */
  #placeOf(code: number, slot: number): number {
    const count = this.#lists.counts[code]
    if (count === 0 || this.#codes.compareIds(this.#lists.at(code, count - 1), slot) < 0) return count // as when loading
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#codes.compareIds(this.#lists.at(code, middle), slot) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function numberOf(code: Uint8Array): number {
  return code.length === 1 ? code[0] : (code[0] << 8) | code[1]
}

/** All masks: those of d bits at index d, in order. */
function masksByBits(): readonly Uint16Array[] {
  const masks: number[][] = Array.from({ length: MOST_BITS + 1 }, () => [])
  for (let mask = 0; mask < MOST_CODES; mask++) masks[bitCount(mask)].push(mask)
  return masks.map(those => Uint16Array.from(those))
}
