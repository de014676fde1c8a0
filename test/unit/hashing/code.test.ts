import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeMask, maskCode, unmaskCode } from '../../../hashing/code-mask.ts'
import { type CodeSpace, codeFromOutputs, hammingDistance, hashCode, spaceName } from '../../../hashing/hash-code.ts'

const space = (bits: number, model = 'a'): CodeSpace => ({ model: model.repeat(64), view: 'b'.repeat(64), bits })
const key = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => first + i)
const mismatch = expect.objectContaining({ code: 'CODE_LENGTH_MISMATCH' })

// A length in bytes and two codes of it.
const twoCodes = fc.integer({ min: 1, max: 32 }).chain(length => {
  const bytes = fc.uint8Array({ minLength: length, maxLength: length })
  return fc.tuple(bytes, bytes)
})

describe('hash code', () => {
  test('takes bit 0 from output 0 into the highest bit, with sign(0) = +1', () => {
    expect([...codeFromOutputs([1, -1, 0, -0, -2, -3, -4, -5, 9, -1, -1, -1, -1, -1, -1, 1]).bytes]).toEqual([
      0b10110000, 0x81
    ])
  })

  test('packs outputs so that each bit reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.infiniteStream(fc.boolean()), (bytes, stream) => {
        const signs = [...stream.take(bytes * 8)]
        const code = codeFromOutputs(signs.map(sign => (sign ? 0.5 : -0.5)))
        expect(code.bits).toBe(bytes * 8)
        expect(signs.map((_, k) => (code.bytes[k >> 3] >> (7 - (k & 7))) & 1)).toEqual(signs.map(Number))
      })
    )
  })

  test('the Hamming distance counts differing bits', () => {
    fc.assert(
      fc.property(twoCodes, ([a, b]) => {
        const ones = [...a].map((byte, i) => (byte ^ b[i]).toString(2).replaceAll('0', '').length)
        expect(hammingDistance(hashCode(a), hashCode(b))).toBe(ones.reduce((sum, count) => sum + count, 0))
      })
    )
  })

  test('codes of 8 and 16 bits do not compare; 0 and 33 bytes are no code', () => {
    expect(() => hammingDistance(hashCode(new Uint8Array(1)), hashCode(new Uint8Array(2)))).toThrow(mismatch)
    for (const length of [0, 33]) {
      expect(() => hashCode(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    }
  })

  test('a space is named by all three of its parts', () => {
    const names = [space(16), space(8), space(16, 'c'), { ...space(16), view: 'd'.repeat(64) }].map(spaceName)
    expect(new Set(names).size).toBe(4)
  })
})

describe('code mask', () => {
  test('keeps every distance, and unmasking gives the code back, for 8 to 256 bits', () => {
    fc.assert(
      fc.property(twoCodes, fc.integer({ min: 0, max: 200 }), ([first, second], seed) => {
        const [a, b] = [hashCode(first), hashCode(second)]
        const mask = codeMask(key(seed), space(a.bits))
        expect(hammingDistance(maskCode(mask, a), maskCode(mask, b))).toBe(hammingDistance(a, b))
        expect(unmaskCode(mask, maskCode(mask, a))).toEqual(a)
      })
    )
  })

  test('moves bits and flips some: its order is a permutation that is not the identity', () => {
    const { order, flips } = codeMask(key(1), space(64))
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, k) => k))
    expect(order.filter((from, k) => from === k).length).toBeLessThan(10)
    expect(flips.some(byte => byte !== 0)).toBe(true)
  })

  test('is the same for the same key and space, another for another', () => {
    const code = hashCode(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    const hex = (mask: ReturnType<typeof codeMask>) => Buffer.from(maskCode(mask, code).bytes).toString('hex')
    expect(hex(codeMask(key(1), space(64)))).toBe(hex(codeMask(key(1), space(64))))
    const others = [
      codeMask(key(2), space(64)),
      codeMask(key(1), space(64, 'c')),
      codeMask(key(1), { ...space(64), view: 'e'.repeat(64) })
    ]
    expect(new Set([codeMask(key(1), space(64)), ...others].map(hex)).size).toBe(4)
  })

  // Values of an independent program (HKDF, ChaCha20 and Fisher-Yates written anew).
  test('stays as recorded, so that an index outlives a release', () => {
    const masked = (...bytes: number[]) => {
      const code = hashCode(Uint8Array.from(bytes))
      return Buffer.from(maskCode(codeMask(key(0), space(code.bits)), code).bytes).toString('hex')
    }
    expect(masked(0xab, 0xcd)).toBe('9b92')
    expect(masked(0, 1, 2, 3, 4, 5, 6, 7)).toBe('ecb99c586460c8d8')
  })

  test('refuses a code of another length and a key of 31 bytes', () => {
    const mask = codeMask(key(1), space(16))
    expect(() => maskCode(mask, hashCode(new Uint8Array(1)))).toThrow(mismatch)
    expect(() => unmaskCode(mask, hashCode(new Uint8Array(4)))).toThrow(mismatch)
    expect(() => codeMask(new Uint8Array(31), space(16))).toThrow(RangeError)
  })
})
