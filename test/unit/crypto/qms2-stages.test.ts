import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { planePlan, scramblePlanes, unscramblePlanes } from '../../../crypto/qms2/bit-planes.ts'
import { confuse, unconfuse } from '../../../crypto/qms2/confuse.ts'
import { diffuse, undiffuse } from '../../../crypto/qms2/diffuse.ts'
import { DNA_OPERATIONS, DNA_ROWS, DNA_ROWS_INVERSE, DNA_RULES } from '../../../crypto/qms2/dna.ts'
import { mulhi, mulhs } from '../../../crypto/qms2/fixed-point.ts'
import { permute, unpermute } from '../../../crypto/qms2/permute.ts'
import { chachaBytes } from '../../../crypto/qms2/prg.ts'
import { chaosSeeds, imageKeys, syntheticIv } from '../../../crypto/qms2/seeds.ts'

const image = fc.uint8Array({ maxLength: 300 })
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const henon = fc.record({
  x: fc.integer({ min: -26_843_545, max: 26_843_545 }),
  y: fc.integer({ min: -13_421_772, max: 13_421_772 })
})

function words(seed: number): () => number {
  const bytes = new DataView(randomBytes(seededRandom(seed), 4096).buffer)
  let next = 0
  return () => bytes.getUint32(4 * next++, true)
}

test('the high products are those of BigInt: floor for unsigned, towards zero for signed', () => {
  fc.assert(
    fc.property(word, word, fc.integer(), (a, b, s) => {
      expect(mulhi(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n))
      expect(mulhs(a, s) + 0).toBe(Number((BigInt(a) * BigInt(s)) / 2n ** 32n)) // + 0: -0 is 0
    })
  )
  expect(mulhi(2 ** 32 - 1, 2 ** 32 - 1)).toBe(2 ** 32 - 2)
})

test('ChaCha20 gives the key stream of RFC 8439, A.1 vector 1', () => {
  const nextByte = chachaBytes(new Uint8Array(32), new Uint8Array(12))
  const first = Array.from({ length: 16 }, nextByte)
  expect(Buffer.from(first).toString('hex')).toBe('76b8e0ada0f13d90405d6ae55386bd28')
})

test('bit planes: a plan moves each plane to another place, and is undone', () => {
  fc.assert(
    fc.property(image, henon, (bytes, start) => {
      const plan = planePlan(start, bytes.length)
      expect(plan.target.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      for (const offset of plan.offset) expect(offset).toBeLessThan(Math.max(1, bytes.length))
      expect(unscramblePlanes(scramblePlanes(bytes, plan), plan)).toEqual(bytes)
    })
  )
})

test('bit planes: bit k of the byte offset(k) further on becomes bit target(k)', () => {
  const bytes = randomBytes(seededRandom('planes'), 101)
  const plan = planePlan({ x: 12_345_678, y: -9_876_543 }, bytes.length)
  const scrambled = scramblePlanes(bytes, plan)
  for (let k = 0; k < 8; k++) {
    const from = bytes[(40 + plan.offset[k]) % 101]
    expect((scrambled[40] >> plan.target[k]) & 1).toBe((from >> k) & 1)
  }
})

test('permutation: the same bytes in another order, and undone', () => {
  fc.assert(
    fc.property(image, fc.integer(), (bytes, seed) => {
      const moved = bytes.slice()
      permute(moved, words(seed))
      expect(moved.toSorted()).toEqual(bytes.toSorted())
      unpermute(moved, words(seed))
      expect(moved).toEqual(bytes)
    })
  )
})

test('permutation: each of 4 bytes lands at each place in 1/4 of 4000 draws', () => {
  const counts = new Uint32Array(16)
  const draw = words(7)
  const nextWords = Array.from({ length: 1000 }, draw)
  for (let trial = 0; trial < 4000; trial++) {
    const bytes = Uint8Array.from([0, 1, 2, 3])
    let at = trial * 3
    permute(bytes, () => Math.imul(nextWords[at++ % 1000] ^ trial, 0x9e3779b1) >>> 0)
    bytes.forEach((byte, place) => {
      counts[4 * byte + place]++
    })
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150) // 5.5 standard deviations
})

test('diffusion: undone, and the change of any one bit changes nearly every byte', () => {
  const byte = fc.nat(255)
  fc.assert(
    fc.property(image, fc.integer(), byte, byte, (bytes, seed, iv1, iv2) => {
      const key = { words: Uint32Array.from({ length: bytes.length }, words(seed)), iv1, iv2 }
      const diffused = bytes.slice()
      diffuse(diffused, key)
      undiffuse(diffused, key)
      expect(diffused).toEqual(bytes)
    })
  )
  const key = { words: Uint32Array.from({ length: 1000 }, words(3)), iv1: 1, iv2: 2 }
  for (const at of [0, 500, 999]) {
    const [plain, changed] = [new Uint8Array(1000), new Uint8Array(1000)]
    changed[at] = 1
    diffuse(plain, key)
    diffuse(changed, key)
    expect(changed.filter((value, i) => value !== plain[i]).length).toBeGreaterThan(970)
  }
})

test('DNA: the eight rules are all that pair A with T and C with G', () => {
  expect(new Set(DNA_RULES.map(String)).size).toBe(8)
  for (const [a, c, g, t] of DNA_RULES) {
    expect([a, c, g, t].toSorted()).toEqual([0, 1, 2, 3])
    expect([a ^ t, c ^ g]).toEqual([3, 3])
  }
})

test('DNA: subtraction undoes addition, exclusive or undoes itself', () => {
  const [add, subtract, xor] = DNA_OPERATIONS
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) {
      expect(subtract(add(a, b), b)).toBe(a)
      expect(xor(xor(a, b), b)).toBe(a)
    }
  }
})

test('DNA: each of the 2048 rows is undone by its inverse, for each key', () => {
  for (let row = 0; row < 2048; row++) {
    for (let pair = 0; pair < 16; pair++) {
      const result = (DNA_ROWS[row] >>> (2 * pair)) & 3
      expect((DNA_ROWS_INVERSE[row] >>> (2 * ((pair & 12) | result))) & 3).toBe(pair & 3)
    }
  }
})

test('DNA: a word of known fields encodes, adds and decodes by the tables', () => {
  // data rule 1, key rule 2, ADD, result rule 3; key bits 00 01 10 11 lowest first
  const nextWord = () => 0b011_00_010_001_11_10_01_00
  const bytes = Uint8Array.of(0b00_01_10_11)
  confuse(bytes, nextWord)
  // rule 1: 11 T, 10 C, 01 G, 00 A; rule 2: 00 C, 01 A, 10 T, 11 G; sums 3+1 A, 1+0 C, 2+3 C, 0+2 G; rule 3: 01 11 11 00
  expect(bytes[0]).toBe(0b00_11_11_01)
})

test('confusion: undone with the same words', () => {
  fc.assert(
    fc.property(image, fc.integer(), (bytes, seed) => {
      const confused = bytes.slice()
      confuse(confused, words(seed))
      unconfuse(confused, words(seed))
      expect(confused).toEqual(bytes)
    })
  )
})

test('seeds: every number stays in the box where its map lives, in 500 draws', () => {
  for (let draw = 0; draw < 500; draw++) {
    const seeds = chaosSeeds(randomBytes(seededRandom(draw), 32), randomBytes(seededRandom(-draw), 32))
    expect(seeds.quantum.r / 2 ** 30).toBeGreaterThan(3.89)
    expect(seeds.quantum.r / 2 ** 30).toBeLessThan(4)
    for (const { x, y, z } of [seeds.permutation, seeds.diffusion]) {
      expect(Math.abs(x / 2 ** 32 - 0.5)).toBeLessThan(0.401)
      expect(y / 2 ** 32).toBeLessThan(0.01)
      expect(z / 2 ** 32).toBeLessThan(0.0201)
    }
    expect(seeds.sineR / 2 ** 30).toBeGreaterThanOrEqual(0.5)
    expect(Math.abs(seeds.henon.x) / 2 ** 28).toBeLessThan(0.1)
    expect(Math.abs(seeds.henon.y) / 2 ** 28).toBeLessThan(0.05)
  }
})

test('the synthetic IV is HMAC-SHA-256 of associated bytes and image, and the keys of one image all differ', () => {
  const keys = imageKeys(new Uint8Array(32), new Uint8Array(24))
  const names = [keys.siv, keys.chaos, keys.aead].map(bytes => Buffer.from(bytes).toString('hex'))
  expect(new Set(names).size).toBe(3)
  const expected = createHmac('sha256', keys.siv)
    .update(Uint8Array.of(1, 2, 3))
    .digest()
  expect(Buffer.from(syntheticIv(keys.siv, Uint8Array.of(1), Uint8Array.of(2, 3)))).toEqual(expected)
})
