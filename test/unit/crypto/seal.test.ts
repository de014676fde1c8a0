import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { deriveKey } from '../../../crypto/derive.ts'
import { openSealed, SEAL_OVERHEAD_BYTES, sealBytes } from '../../../crypto/seal.ts'

const key = randomBytes(seededRandom('key'), 32)
const wrong = expect.objectContaining({ code: 'KEY_WRONG' })
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

test('any secret with any associated bytes opens again, 40 bytes longer while sealed', () => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(bytes, bytes, fc.integer(), (plain, associated, seed) => {
      const sealed = sealBytes(key, plain, { associated, random: seededRandom(seed) })
      expect(sealed.length).toBe(plain.length + SEAL_OVERHEAD_BYTES)
      expect(openSealed(key, sealed, { associated })).toEqual(plain)
    })
  )
  expect(SEAL_OVERHEAD_BYTES).toBe(40)
})

test('two seals of one secret differ', () => {
  const random = seededRandom(1)
  expect(sealBytes(key, key, { random })).not.toEqual(sealBytes(key, key, { random }))
})

test('a seal with any byte changed, any length cut, another key or other associated bytes is KEY_WRONG', () => {
  const sealed = sealBytes(key, Uint8Array.of(6, 10), { associated: Uint8Array.of(1), random: seededRandom(2) })
  const context = { associated: Uint8Array.of(1) }
  for (let at = 0; at < sealed.length; at++) {
    const altered = sealed.slice()
    altered[at] ^= 0x10
    expect(() => openSealed(key, altered, context)).toThrow(wrong)
    expect(() => openSealed(key, sealed.subarray(0, at), context)).toThrow(wrong)
  }
  expect(() => openSealed(new Uint8Array(32), sealed, context)).toThrow(wrong)
  expect(() => openSealed(key, sealed)).toThrow(wrong)
})

test('a key of 31 bytes is a RangeError', () => {
  const short = key.subarray(1)
  expect(() => sealBytes(short, key, { random: seededRandom(1) })).toThrow(RangeError)
  expect(() => openSealed(short, new Uint8Array(60))).toThrow(RangeError)
})

test('deriveKey is HKDF-SHA-256: RFC 5869, test case 3 (no salt, no label)', () => {
  const secret = new Uint8Array(22).fill(0x0b)
  expect(deriveKey(secret, { info: '', length: 42 })).toEqual(
    hex('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8')
  )

  expect(deriveKey(secret, { info: 'a' })).toHaveLength(32)
  expect(deriveKey(secret, { info: 'a', salt: key })).not.toEqual(deriveKey(secret, { info: 'a' }))
})

test('deriveKey refuses lengths below 1 and above 8160', () => {
  for (const length of [0, -1, 1.5, 8161]) {
    expect(() => deriveKey(key, { info: 'a', length })).toThrow(RangeError)
  }
})
