import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { randomBelow, randomBytes, seededRandom } from '../../../base/random.ts'
import { CodeIndex } from '../../../indexing/code-index.ts'
import { NearestCodes } from '../../../indexing/nearest.ts'
import { rankCodes } from '../../../indexing/rank-codes.ts'
import { exampleImage, examplePeer, exampleSpace } from '../../contract/example-record.ts'

const LENGTHS = Array.from({ length: 32 }, (_, n) => 8 * (n + 1))

/** Two stores of the same codes: the one under test, and a plain map to rank by sorting. */
class Pair {
  readonly fast: NearestCodes
  readonly plain = new Map<ImageId, Uint8Array>()
  constructor(bits: number) {
    this.fast = new NearestCodes(bits)
  }
  add(image: ImageId, code: Uint8Array): void {
    expect(this.fast.add(image, code)).toBe(!this.plain.has(image))
    this.plain.set(image, code)
  }
  remove(image: ImageId): void {
    expect(this.fast.remove(image)).toBe(this.plain.delete(image))
  }
  check(code: Uint8Array, k: number): void {
    const images = this.plain.entries().map(([id, held]) => ({ id, code: held }))
    expect(this.fast.nearest(code, k)).toEqual(rankCodes(images, code, k))
    expect(this.fast.size).toBe(this.plain.size)
  }
}

/** A code drawn near one of few centres, as learned codes are, or anywhere. */
function drawCode(random: ReturnType<typeof seededRandom>, bits: number, centres: readonly Uint8Array[]): Uint8Array {
  if (centres.length === 0) return randomBytes(random, bits / 8)
  const code = centres[randomBelow(random, centres.length)].slice()
  for (let flips = randomBelow(random, 3); flips > 0; flips--) {
    const bit = randomBelow(random, bits)
    code[bit >> 3] ^= 0x80 >> (bit & 7)
  }
  return code
}

describe('nearest', () => {
  for (const bits of LENGTHS) {
    it(`${bits} bits: gives what sorting gives, over adds, changes of code and removals`, () => {
      const world = fc.record({
        seed: fc.integer({ min: 0, max: 2 ** 30 }),
        count: fc.integer({ min: 0, max: 120 }),
        centres: fc.integer({ min: 0, max: 3 }),
        k: fc.constantFrom(0, 1, 2, 7, 50, 121, 2 ** 31 - 1)
      })
      const run = ({
        seed,
        count,
        centres: centreCount,
        k
      }: {
        seed: number
        count: number
        centres: number
        k: number
      }) => {
        const random = seededRandom(seed)
        const centres = Array.from({ length: centreCount }, () => randomBytes(random, bits / 8))
        const pair = new Pair(bits)
        for (let n = 0; n < count; n++) {
          const image = exampleImage(randomBelow(random, count))
          if (randomBelow(random, 4) === 0) pair.remove(image)
          else pair.add(image, drawCode(random, bits, centres))
        }
        pair.check(drawCode(random, bits, centres), k)
        for (const code of pair.plain.values()) {
          pair.check(
            code.map(byte => ~byte),
            k
          ) // distance `bits` to one of them: 256 is one more than a byte holds
          break
        }
      }
      fc.assert(fc.property(world, run), { numRuns: 25 })
    })
  }

  it('256 bits: distances 254, 255 and 256 are told apart', () => {
    const pair = new Pair(256)
    const zeros = new Uint8Array(32)
    for (let n = 0; n < 40; n++) {
      const code = new Uint8Array(32).fill(255)
      if (n % 3 > 0) code[n % 32] ^= 1
      if (n % 3 > 1) code[n % 32] ^= 2
      pair.add(exampleImage(n), code)
    }
    for (const k of [1, 13, 14, 15, 27, 28, 39, 40]) pair.check(zeros, k)
  })

  for (const { bits, centres } of [
    { bits: 8, centres: 0 },
    { bits: 16, centres: 0 },
    { bits: 16, centres: 3 },
    { bits: 64, centres: 2 }
  ]) {
    const shape = centres === 0 ? 'spread evenly' : `in ${centres} clusters`
    it(`${bits} bits, 9,000 images ${shape}: gives what sorting gives, after 3,000 removals too`, () => {
      const random = seededRandom(`nearest ${bits} ${centres}`)
      const middles = Array.from({ length: centres }, () => randomBytes(random, bits / 8))
      const pair = new Pair(bits)
      for (let n = 0; n < 9000; n++) pair.add(exampleImage(n), drawCode(random, bits, middles))
      for (const k of [0, 1, 10, 100, 4000, 9000]) pair.check(drawCode(random, bits, middles), k)
      pair.check(randomBytes(random, bits / 8), 100)
      for (let n = 0; n < 9000; n += 3) pair.remove(exampleImage(n))
      for (let n = 1; n < 300; n += 3) pair.add(exampleImage(n), drawCode(random, bits, middles))
      for (const k of [1, 100, 5999]) pair.check(drawCode(random, bits, middles), k)
    })
  }

  it('16 bits, 5,000 images under 3,000 codes: walking the masks gives what sorting gives', () => {
    const random = seededRandom('many codes')
    const pair = new Pair(16)
    for (let n = 0; n < 5000; n++) pair.add(exampleImage(n), randomBytes(random, 2))
    for (let n = 0; n < 10; n++) pair.check(randomBytes(random, 2), 1 + n * 50)
  })

  it.each([
    ['few', 100],
    ['many', 5000]
  ])('16 bits, %s codes: the farthest, that differ in every bit, come last', (_, codes) => {
    const random = seededRandom('far codes')
    const pair = new Pair(16)
    const drawn = Array.from({ length: codes }, () => randomBytes(random, 2))
    for (let n = 0; n < 5000; n++) pair.add(exampleImage(n), drawn[n % codes])
    const code = randomBytes(random, 2)
    const far = code.map(byte => ~byte)
    for (const n of [5000, 5001]) pair.add(exampleImage(n), far)
    pair.check(code, pair.fast.size - 1)
  })

  it('ids that differ only in their last digit are ranked by it', () => {
    const pair = new Pair(64)
    const base = exampleImage(1).slice(0, 63)
    const code = new Uint8Array(8)
    for (const digit of 'f3a0875c') pair.add(`${base}${digit}` as ImageId, code)
    pair.check(code, 3)
    expect(pair.fast.nearest(code, 3).map(each => each.id.at(-1))).toEqual(['0', '3', '5'])
    pair.remove(`${base}0` as ImageId)
    pair.check(code, 8)
  })

  it('of 20,000 equal codes the 100 smallest ids are given', () => {
    for (const bits of [16, 64]) {
      const codes = new NearestCodes(bits)
      const code = new Uint8Array(bits / 8).fill(0x5a)
      const images = Array.from({ length: 20_000 }, (_, n) => exampleImage(n))
      for (const image of images) codes.add(image, code)
      const expected = [...images].sort().slice(0, 100)
      expect(codes.nearest(code, 100)).toEqual(expected.map(id => ({ id, distance: 0 })))
    }
  })
})

describe('code index', () => {
  const space = exampleSpace(64)
  const claim = (n: number) => ({
    owner: examplePeer('owner'),
    size: 1,
    id: exampleImage(n),
    space,
    code: new Uint8Array(8).fill(n)
  })

  it('an empty index has no neighbours in any space', () => {
    expect(new CodeIndex().nearest(new Uint8Array(8), space, 10)).toEqual([])
  })

  it('a code that is not as long as its space says gives CODE_LENGTH_MISMATCH', () => {
    expect(() => new CodeIndex().nearest(new Uint8Array(7), space, 10)).toThrow(
      expect.objectContaining({ code: 'CODE_LENGTH_MISMATCH' })
    )
  })

  it('a space of another model gives MODEL_MISMATCH, one of another length CODE_LENGTH_MISMATCH', () => {
    const index = new CodeIndex()
    index.add(claim(1))
    expect(() => index.nearest(new Uint8Array(8), exampleSpace(64, 'other'), 1)).toThrow(
      expect.objectContaining({ code: 'MODEL_MISMATCH' })
    )
    expect(() => index.nearest(new Uint8Array(4), exampleSpace(32), 1)).toThrow(
      expect.objectContaining({ code: 'CODE_LENGTH_MISMATCH' })
    )
    index.remove(claim(1))
    expect(index.size).toBe(0)
    expect(index.nearest(new Uint8Array(4), exampleSpace(32), 1)).toEqual([])
  })

  it('codes of two spaces are never ranked together', () => {
    const index = new CodeIndex()
    index.add(claim(1))
    index.add({ ...claim(2), space: exampleSpace(64, 'other') })
    expect(index.nearest(new Uint8Array(8), space, 10).map(each => each.id)).toEqual([exampleImage(1)])
    expect(index.size).toBe(2)
  })

  it('k that is not a whole number from 0 is refused with RangeError', () => {
    for (const k of [-1, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => new CodeIndex().nearest(new Uint8Array(8), space, k)).toThrow(RangeError)
    }
  })
})
