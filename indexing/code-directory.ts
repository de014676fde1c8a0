import type { PackedCodes } from './packed-codes.ts'
import type { Neighbour } from './record-store.ts'

// All 16-bit masks, fewest bits first; those of d bits stand from FIRST_OF[d] to FIRST_OF[d + 1].
const bitCount = (value: number): number => {
  let count = 0
  for (let x = value; x !== 0; x &= x - 1) count++
  return count
}
const BIT_COUNTS = Uint8Array.from({ length: 65_536 }, (_, mask) => bitCount(mask))
const MASKS = Uint16Array.from({ length: 65_536 }, (_, mask) => mask).sort((a, b) => BIT_COUNTS[a] - BIT_COUNTS[b])

interface Bucket {
  /** Slots in order of their image ids; those from `length` on are free. */
  slots: Int32Array
  length: number
  /** Where this code stands in the list of used codes. */
  place: number
}

const FEW_CODES = 2048 // to look at so many counts costs less than to try masks that mostly miss

/**
 * The images of every code of 8 or 16 bits, in order of their ids. Learned short codes pile up in few buckets: a query
 * then looks at the buckets, not at the images.
 */
export class CodeDirectory {
  readonly #codes: PackedCodes
  readonly #buckets: (Bucket | undefined)[]
  readonly #counts: Int32Array
  /** Codes that some image has, in no order. */
  readonly #used: number[] = []
  #pairs = new Uint32Array(1024)

  /** @param codes of 8 or 16 bits; every change there must be told here */
  constructor(codes: PackedCodes) {
    this.#codes = codes
    this.#buckets = new Array(2 ** (8 * codes.planes)).fill(undefined)
    this.#counts = new Int32Array(this.#buckets.length)
  }

  /** A slot has taken its image and code. */
  insert(slot: number): void {
    const code = numberOf(this.#codes.codeOf(slot))
    const bucket = this.#buckets[code] ?? this.#open(code)
    const at = this.#placeIn(bucket, slot)
    if (bucket.length === bucket.slots.length) {
      const wider = new Int32Array(2 * bucket.length)
      wider.set(bucket.slots)
      bucket.slots = wider
    }
    bucket.slots.copyWithin(at + 1, at, bucket.length++)
    bucket.slots[at] = slot
    this.#counts[code]++
  }

  /** A slot is about to lose its image or code. */
  remove(slot: number): void {
    const code = numberOf(this.#codes.codeOf(slot))
    const bucket = this.#bucketOf(code)
    bucket.slots.copyWithin(this.#placeIn(bucket, slot), this.#placeIn(bucket, slot) + 1, bucket.length--)
    this.#counts[code]--
    if (bucket.length === 0) this.#close(code, bucket)
  }

  /** What is at slot `from` is about to be moved to slot `to`. */
  move(from: number, to: number): void {
    const bucket = this.#bucketOf(numberOf(this.#codes.codeOf(from)))
    bucket.slots[this.#placeIn(bucket, from)] = to
  }

  /** The k images nearest to `code`, 1 or more of them. */
  nearest(code: Uint8Array, k: number): Neighbour[] {
    const target = numberOf(code)
    const length = this.#used.length <= FEW_CODES ? this.#fromUsed(target, k) : this.#fromMasks(target, k)
    return this.#codes.rank(this.#pairs.subarray(0, length), Math.min(k, length / 2))
  }

  /** Gather by trying the masks of 0, 1, 2, ... bits; returns the length of the pairs. */
  #fromMasks(target: number, k: number): number {
    let length = 0
    for (let at = 0, distance = 0; distance <= 16 && length < 2 * k; distance++) {
      const wanted = k - length / 2
      for (; at < 65_536 && BIT_COUNTS[MASKS[at]] === distance; at++) {
        const code = target ^ MASKS[at]
        if (code < this.#counts.length && this.#counts[code] > 0)
          length = this.#gather(code, { distance, wanted, length })
      }
    }
    return length
  }

  /** Gather by looking at every used code; returns the length of the pairs. */
  #fromUsed(target: number, k: number): number {
    const atDistance = new Int32Array(17)
    for (const code of this.#used) atDistance[BIT_COUNTS[code ^ target]] += this.#counts[code]
    const wanted = new Int32Array(17)
    for (let distance = 0, rest = k; distance <= 16 && rest > 0; rest -= atDistance[distance++]) wanted[distance] = rest
    let length = 0
    for (const code of this.#used) {
      const distance = BIT_COUNTS[code ^ target]
      if (wanted[distance] > 0) length = this.#gather(code, { distance, wanted: wanted[distance], length })
    }
    return length
  }

  /** Of one bucket only the first `wanted` can be among the nearest, because they stand in order of their ids. */
  #gather(code: number, to: { distance: number; wanted: number; length: number }): number {
    const { slots, length: held } = this.#bucketOf(code)
    const count = Math.min(held, to.wanted)
    if (to.length + 2 * count > this.#pairs.length) {
      const wider = new Uint32Array(2 * (to.length + 2 * count))
      wider.set(this.#pairs)
      this.#pairs = wider
    }
    let length = to.length
    for (let i = 0; i < count; i++) {
      this.#pairs[length++] = slots[i]
      this.#pairs[length++] = to.distance
    }
    return length
  }

  /** Where a slot stands, or should, among a bucket's slots. */
  #placeIn({ slots, length }: Bucket, slot: number): number {
    if (length === 0 || this.#codes.compareIds(slots[length - 1], slot) < 0) return length // loading goes in id order
    let low = 0
    let high = length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#codes.compareIds(slots[middle], slot) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #bucketOf(code: number): Bucket {
    const bucket = this.#buckets[code]
    if (bucket === undefined) throw new RangeError('code has no bucket')
    return bucket
  }

  #open(code: number): Bucket {
    const bucket = { slots: new Int32Array(4), length: 0, place: this.#used.length }
    this.#used.push(code)
    this.#buckets[code] = bucket
    return bucket
  }

  #close(code: number, { place }: Bucket): void {
    const last = this.#used.pop()
    if (last !== undefined && last !== code) {
      this.#used[place] = last
      this.#bucketOf(last).place = place
    }
    this.#buckets[code] = undefined
  }
}

function numberOf(code: Uint8Array): number {
  return code.length === 1 ? code[0] : (code[0] << 8) | code[1]
}
