import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Random, randomBytes, seededRandom } from '../../base/random.ts'
import type { ImageCipher } from '../../crypto/image-cipher.ts'

const key = randomBytes(seededRandom('image key'), 32)
const SIZES = [0, 1, 2, 63, 64, 65, 255, 256, 257, 1021, 4096, 102_400]

/** 16-bit little-endian ramp with noise in the low bits, as a DICOM slice has; then colour-like triples. */
function imageLike(kind: 'grey16' | 'colour', random: Random): Uint8Array {
  const noise = randomBytes(random, 3 * 48 * 48)
  if (kind === 'colour') return noise.map((byte, i) => ((i / 3) % 48) * 4 + (i % 3) * 20 + (byte & 7))
  return new Uint8Array(Uint16Array.from({ length: 48 * 48 }, (_, i) => (i % 48) * 60 + (noise[i] & 15)).buffer)
}

/** What every image cipher promises. */
export function imageCipherSuite(cipher: ImageCipher): void {
  const encrypt = (image: Uint8Array, seed: string | number = 1, associated?: Uint8Array): Uint8Array =>
    cipher.encrypt(image, { key, associated, random: seededRandom(seed) })
  const refused = (encrypted: Uint8Array, context: { key: Uint8Array; associated?: Uint8Array } = { key }): string => {
    try {
      cipher.decrypt(encrypted, context)
    } catch (error) {
      return (error as { code: string }).code
    }
    return 'decrypted'
  }

  describe(`image cipher ${cipher.name}`, () => {
    test.each(SIZES)('an image of %i bytes comes back bit for bit, and is as much longer as promised', length => {
      const image = randomBytes(seededRandom(length), length)
      const before = image.slice()
      const encrypted = encrypt(image)
      expect(encrypted.length).toBe(length + cipher.overheadBytes)
      expect(cipher.decrypt(encrypted, { key })).toEqual(before)
      expect(image).toEqual(before)
    })

    test.each(['grey16', 'colour'] as const)('a %s image comes back bit for bit', kind => {
      const image = imageLike(kind, seededRandom(kind))
      expect(cipher.decrypt(encrypt(image), { key })).toEqual(image)
    })

    test('any image with any key and any associated bytes comes back', () => {
      const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
      const keyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
      fc.assert(
        fc.property(bytes(700), keyBytes, bytes(40), fc.integer(), (image, anyKey, associated, seed) => {
          const encrypted = cipher.encrypt(image, { key: anyKey, associated, random: seededRandom(seed) })
          expect(cipher.decrypt(encrypted, { key: anyKey, associated })).toEqual(image)
        }),
        { numRuns: 50 }
      )
    })

    test('an image that is a view into a larger buffer comes back', () => {
      const image = randomBytes(seededRandom('view'), 300).subarray(7, 138)
      const encrypted = encrypt(image)
      const shifted = new Uint8Array(encrypted.length + 3)
      shifted.set(encrypted, 3)
      expect(cipher.decrypt(shifted.subarray(3), { key })).toEqual(image)
    })

    test('the output starts with the magic, and is the same for the same random bytes', () => {
      const encrypted = encrypt(new Uint8Array(100))
      expect(String.fromCharCode(...encrypted.subarray(0, 4))).toBe(cipher.magic)
      expect(encrypt(new Uint8Array(100))).toEqual(encrypted)
    })

    test('a fresh nonce: two encryptions of one image differ in 99 % of their bytes', () => {
      const image = new Uint8Array(10_000)
      const [first, second] = [encrypt(image, 1), encrypt(image, 2)]
      const differing = first.filter((byte, i) => byte !== second[i]).length
      expect(differing).toBeGreaterThan(9_900)
    })

    test('another key is refused with KEY_WRONG, also one that differs in a single bit', () => {
      const encrypted = encrypt(new Uint8Array(1000))
      for (const bit of [0, 100, 255]) {
        const other = key.slice()
        other[bit >> 3] ^= 1 << (bit & 7)
        expect(refused(encrypted, { key: other })).toBe('KEY_WRONG')
      }
    })

    test('a bit changed in any byte of a 200 byte image is refused', () => {
      const encrypted = encrypt(randomBytes(seededRandom('tamper'), 200))
      for (let at = 0; at < encrypted.length; at++) {
        const altered = encrypted.slice()
        altered[at] ^= 1 << (at % 8)
        expect(refused(altered)).toBe(at < 5 ? 'IMAGE_CORRUPT' : 'KEY_WRONG')
      }
    })

    test('an image cut anywhere or made longer is refused', () => {
      const encrypted = encrypt(randomBytes(seededRandom('cut'), 50))
      for (let length = 0; length < encrypted.length; length++) {
        const expected = length < cipher.overheadBytes ? 'IMAGE_CORRUPT' : 'KEY_WRONG'
        expect(refused(encrypted.subarray(0, length))).toBe(expected)
      }
      expect(refused(new Uint8Array([...encrypted, 0]))).toBe('KEY_WRONG')
    })

    test('wrong, missing or moved associated bytes are refused with KEY_WRONG', () => {
      const bound = new Uint8Array([1, 2, 3])
      const encrypted = encrypt(new Uint8Array([4, 5, 6]), 1, bound)
      expect(cipher.decrypt(encrypted, { key, associated: bound })).toEqual(new Uint8Array([4, 5, 6]))
      expect(refused(encrypted, { key, associated: new Uint8Array([1, 2, 4]) })).toBe('KEY_WRONG')
      expect(refused(encrypted, { key, associated: new Uint8Array([1, 2, 3, 4]) })).toBe('KEY_WRONG')
      expect(refused(encrypted)).toBe('KEY_WRONG')
      expect(refused(encrypt(new Uint8Array(3)), { key, associated: bound })).toBe('KEY_WRONG')
    })

    test('a key that is not 32 bytes is a RangeError that does not show it', () => {
      const short = new Uint8Array(31).fill(0xab)
      const attempt = () => cipher.encrypt(new Uint8Array(1), { key: short, random: seededRandom(1) })
      expect(attempt).toThrow(RangeError)
      expect(attempt).not.toThrow(/ab|171/)
      expect(() => cipher.decrypt(encrypt(new Uint8Array(1)), { key: short })).toThrow(RangeError)
    })
  })
}
