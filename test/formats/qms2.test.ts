import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import type { Random } from '../../base/random.ts'
import { typescriptCore } from '../../crypto/qms2/core.ts'
import { decryptImage } from '../../crypto/qms2/decrypt.ts'
import { encryptImage } from '../../crypto/qms2/encrypt.ts'
import { wasmCore } from '../../crypto/qms2/wasm-core.ts'

interface Vectors {
  key: string
  nonce: string
  associated: string
  vectors: { length: number; sha256: string; encrypted?: string }[]
}

// made by qms2-vector.py, which shares no code with the cipher
const file: Vectors = JSON.parse(readFileSync(new URL('./qms2-vector.json', import.meta.url), 'utf8'))
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const context = { key: fromHex(file.key), associated: fromHex(file.associated) }
const fixedNonce: Random = {
  fill: target => {
    target.set(fromHex(file.nonce))
    return target
  }
}
const imageOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) >> 3)

test.each(file.vectors)('QMS-2 version 1: $length bytes encrypt to the independent vector', ({ length, sha256 }) => {
  for (const core of [wasmCore, typescriptCore]) {
    const encrypted = encryptImage(imageOf(length), { ...context, random: fixedNonce }, core)
    expect(sha256Hex(encrypted)).toBe(sha256)
  }
})

test('QMS-2 version 1: an image encrypted by the independent script still opens', () => {
  const stored = file.vectors.filter(vector => vector.encrypted !== undefined)
  expect(stored).toHaveLength(1)
  for (const { encrypted, length } of stored) {
    expect(decryptImage(fromHex(encrypted ?? ''), context)).toEqual(imageOf(length))
  }
})
