import { createCipheriv } from 'node:crypto'
import type { ShadowNumber } from '../../base/ids.ts'
import { deriveKey } from '../derive.ts'

/**
 * The stream that masks the vectors of one shadow, and unmasks them: ChaCha20 under a key derived from the sharing's, the
 * shadow's number as nonce. Vectors are uniform modulo 257 with 256 scaled away, so a zero is one in 257 bytes instead of
 * one in 256: over many shadows that shows where the vectors end, and with it r. Nor does their rank show under the mask.
 */
export function vectorMask(key: Uint8Array, number: ShadowNumber): (part: Uint8Array) => Uint8Array {
  const iv = new Uint8Array(16) // OpenSSL's form: 32-bit block counter, then the nonce
  iv[15] = number
  const cipher = createCipheriv('chacha20', deriveKey(key, { info: 'sfmedir/vectors/2' }), iv)
  return part => cipher.update(part)
}
