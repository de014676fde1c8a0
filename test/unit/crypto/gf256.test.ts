import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { inverse, lagrangeWeights, multiply } from '../../../crypto/gf256.ts'
import { decodeFragments, encodeFragments } from '../../../crypto/reed-solomon.ts'
import { scriptRowKernel, wasmRowKernel } from '../../../crypto/row-kernel.ts'
import { joinSecret, shareSecret } from '../../../crypto/shamir.ts'

const byte = fc.integer({ min: 0, max: 255 })
const BYTES = Array.from({ length: 256 }, (_, value) => value)

/** Carry-less product, then division by x^8+x^4+x^3+x^2+1: the definition, without tables. */
function schoolProduct(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit++) if (b & (1 << bit)) product ^= a << bit
  for (let bit = 14; bit >= 8; bit--) if (product & (1 << bit)) product ^= 0x11d << (bit - 8)
  return product
}

describe('GF(2^8)', () => {
  test('all 65,536 products are those of polynomials modulo 0x11d', () => {
    for (const a of BYTES) for (const b of BYTES) expect(multiply(a, b)).toBe(schoolProduct(a, b))
  })

  test('every byte but 0 has one inverse; 0 is a RangeError', () => {
    for (const a of BYTES.slice(1)) expect(multiply(a, inverse(a))).toBe(1)
    expect(() => inverse(0)).toThrow(RangeError)
  })

  test('products distribute over xor and associate', () => {
    fc.assert(
      fc.property(byte, byte, byte, (a, b, c) => {
        expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c))
        expect(multiply(a, multiply(b, c))).toBe(multiply(multiply(a, b), c))
      })
    )
  })

  test('Lagrange weights give any polynomial of a degree below the number of points anywhere', () => {
    const polynomials = fc.array(byte, { minLength: 1, maxLength: 20 })
    const points = fc.uniqueArray(byte, { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(polynomials, points, byte, (coefficients, points, at) => {
        const value = (x: number): number => coefficients.reduceRight((sum, c) => multiply(sum, x) ^ c, 0)
        const weights = lagrangeWeights(points, at)
        expect(points.reduce((sum, x, k) => sum ^ multiply(weights[k], value(x)), 0)).toBe(value(at))
      })
    )
  })

  test('equal points are a RangeError', () => {
    expect(() => lagrangeWeights([1, 2, 1], 0)).toThrow(RangeError)
  })
})

describe('row kernel', () => {
  test('WebAssembly gives the bytes of the plain version for 1 to 9 sums of 1 to 12 rows of 1 to 20,000 bytes', () => {
    const sizes = fc.record({
      rowCount: fc.integer({ min: 1, max: 12 }),
      sumCount: fc.integer({ min: 1, max: 9 }),
      length: fc.integer({ min: 1, max: 20_000 }),
      seed: fc.integer()
    })
    fc.assert(
      fc.property(sizes, ({ rowCount, sumCount, length, seed }) => {
        const random = seededRandom(seed)
        const rows = Array.from({ length: rowCount }, () => randomBytes(random, length))
        const weights = Array.from({ length: sumCount }, () => randomBytes(random, rowCount))
        const [fast, plain] = [wasmRowKernel, scriptRowKernel].map(kernel => {
          const sums = weights.map(() => new Uint8Array(length).fill(7))
          kernel.combine({ weights, rows, sums })
          return Buffer.concat(sums)
        })
        expect(fast.equals(plain)).toBe(true)
      }),
      { numRuns: 40 }
    )
  })
})

describe('Reed-Solomon', () => {
  test.each([
    [1, 1],
    [1, 4],
    [2, 3],
    [6, 10],
    [10, 30],
    [128, 255],
    [255, 255]
  ])('%i of %i fragments, drawn 20 times, give the data', (r, s) => {
    const random = seededRandom(r * 1000 + s)
    const data = Array.from({ length: r }, () => randomBytes(random, 50))
    const fragments = [...data.map(row => row.slice()), ...Array.from({ length: s - r }, () => new Uint8Array(50))]
    encodeFragments(fragments, r)
    expect(fragments.slice(0, r)).toEqual(data) // systematic
    const all = fragments.map((bytes, i) => ({ number: i + 1, bytes }))
    for (let run = 0; run < 20; run++) {
      const order = all.map(fragment => ({ fragment, key: randomBytes(random, 4).toString() }))
      const chosen = order.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, r)
      expect(
        decodeFragments(
          chosen.map(({ fragment }) => fragment),
          r
        )
      ).toEqual(data)
    }
  })

  test('r=3 s=6: every fragment is the value at its number of one quadratic, column by column', () => {
    const fragments = Array.from({ length: 6 }, (_, i) => randomBytes(seededRandom(i), 9))
    encodeFragments(fragments, 3)
    for (let at = 0; at < 9; at++) {
      const weights = lagrangeWeights([4, 5, 6], 2)
      const value = [3, 4, 5].reduce((sum, i, k) => sum ^ multiply(weights[k], fragments[i][at]), 0)
      expect(value).toBe(fragments[1][at])
    }
  })

  test('too few different fragments give NOT_ENOUGH_SHADOWS; wrong numbers a RangeError', () => {
    const bytes = new Uint8Array(4)
    const repeated = Array(3).fill({ number: 2, bytes })
    expect(() => decodeFragments(repeated, 2)).toThrow(
      expect.objectContaining({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 1, need: 2 } })
    )
    expect(() => encodeFragments([bytes], 2)).toThrow(RangeError)
    expect(() => encodeFragments(Array(256).fill(bytes), 2)).toThrow(RangeError)
  })
})

describe('Shamir sharing', () => {
  test('any r of s shares give the secret, for every (r, s) to 8 and random larger ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(40), fc.integer(), (threshold, more, seed) => {
        const random = seededRandom(seed)
        const secret = randomBytes(random, 32)
        const shares = shareSecret(secret, { threshold, total: threshold + more, random })
        const numbered = shares.map((bytes, i) => ({ number: i + 1, bytes }))
        expect(joinSecret(numbered.slice(more))).toEqual(secret)
        expect(joinSecret(numbered.slice(0, threshold).reverse())).toEqual(secret)
      })
    )
  })

  test('r=3: with two shares fixed every value of the secret stays possible, by one third share each', () => {
    const [first, second] = shareSecret(Uint8Array.of(77), { threshold: 3, total: 5, random: seededRandom(1) })
    const secrets = BYTES.map(value => {
      const third = { number: 3, bytes: Uint8Array.of(value) }
      return joinSecret([{ number: 1, bytes: first }, { number: 2, bytes: second }, third])[0]
    })
    expect(new Set(secrets).size).toBe(256)
  })

  test('r=2: a share of a constant secret takes every value about equally often', () => {
    const secret = new Uint8Array(25_600).fill(9)
    const [share] = shareSecret(secret, { threshold: 2, total: 2, random: seededRandom(2) })
    const counts = BYTES.map(value => share.filter(byte => byte === value).length)
    const chiSquare = counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)
    expect(chiSquare).toBeLessThan(330) // 255 degrees of freedom, p = 0.001
  })

  test('two shares of one number, none, or lengths that differ are a RangeError', () => {
    const share = { number: 1, bytes: new Uint8Array(32) }
    expect(() => joinSecret([share, share])).toThrow(RangeError)
    expect(() => joinSecret([])).toThrow(RangeError)
    expect(() => joinSecret([share, { number: 2, bytes: new Uint8Array(31) }])).toThrow(RangeError)
    const random = seededRandom(1)
    expect(() => shareSecret(share.bytes, { threshold: 3, total: 2, random })).toThrow(RangeError)
    expect(() => shareSecret(share.bytes, { threshold: 2, total: 256, random })).toThrow(RangeError)
  })
})
