import { expect, test } from 'vitest'
import { seededRandom } from '../../base/random.ts'
import { aeadCipher } from '../../crypto/aead-cipher.ts'
import { cipherNamed, cipherOf, IMAGE_CIPHERS } from '../../crypto/image-ciphers.ts'
import { qms2Cipher } from '../../crypto/qms2/cipher.ts'
import { imageCipherSuite } from './image-cipher-suite.ts'

imageCipherSuite(qms2Cipher)
imageCipherSuite(aeadCipher)

test('each cipher is found by its name and by its output, and QMS-2 adds 77 bytes', () => {
  const key = new Uint8Array(32)
  for (const cipher of IMAGE_CIPHERS) {
    expect(cipherNamed(cipher.name)).toBe(cipher)
    expect(cipherOf(cipher.encrypt(new Uint8Array(9), { key, random: seededRandom(1) }))).toBe(cipher)
  }
  expect(cipherNamed('qms2').overheadBytes).toBe(77)
})

test('an unknown cipher name is CONFIG_INVALID, bytes of no cipher are IMAGE_CORRUPT', () => {
  expect(() => cipherNamed('rot13')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  for (const length of [0, 3, 4, 100]) {
    expect(() => cipherOf(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'IMAGE_CORRUPT' }))
  }
})

test('one cipher refuses what the other made', () => {
  const context = { key: new Uint8Array(32), random: seededRandom(1) }
  const refusal = expect.objectContaining({ code: 'IMAGE_CORRUPT' })
  expect(() => aeadCipher.decrypt(qms2Cipher.encrypt(new Uint8Array(99), context), context)).toThrow(refusal)
  expect(() => qms2Cipher.decrypt(aeadCipher.encrypt(new Uint8Array(99), context), context)).toThrow(refusal)
})
