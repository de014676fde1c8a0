import { wipe } from '../base/bytes.ts'
import { NetError } from '../base/errors.ts'
import { randomBytes } from '../base/random.ts'
import { type AeadContext, aeadDecrypt, aeadEncryptInto, TAG_BYTES } from './aead.ts'
import { deriveKey } from './derive.ts'
import type { CipherContext, ImageCipher } from './image-cipher.ts'

const MAGIC = 'AEA1'
const VERSION = 1
const NONCE_AT = 5
const NONCE_BYTES = 24
const HEADER_BYTES = NONCE_AT + NONCE_BYTES
const NOTHING = new Uint8Array(0)

/**
 * The plain reference: ChaCha20-Poly1305 alone, with a key and nonce of its own for every image. magic(4), version(1),
 * nonce(24), ciphertext, tag(16). What the paper's cipher is measured against.
 */
export const aeadCipher: ImageCipher = Object.freeze({
  name: 'aead',
  magic: MAGIC,
  overheadBytes: HEADER_BYTES + TAG_BYTES,
  encrypt(image, context) {
    const encrypted = new Uint8Array(HEADER_BYTES + image.length + TAG_BYTES)
    for (let i = 0; i < 4; i++) encrypted[i] = MAGIC.charCodeAt(i)
    encrypted[4] = VERSION
    encrypted.set(randomBytes(context.random, NONCE_BYTES), NONCE_AT)
    const aead = aeadContext(encrypted.subarray(0, HEADER_BYTES), context)
    aeadEncryptInto(encrypted.subarray(HEADER_BYTES), image, aead)
    wipe(aead.key)
    return encrypted
  },
  decrypt(encrypted, context) {
    const bytes = encrypted.length
    const magicFits = [...MAGIC].every((letter, i) => encrypted[i] === letter.charCodeAt(0))
    if (bytes < HEADER_BYTES + TAG_BYTES || !magicFits || encrypted[4] !== VERSION) {
      throw new NetError('IMAGE_CORRUPT', 'these bytes are not an AEAD image of version 1', { detail: { bytes } })
    }
    const aead = aeadContext(encrypted.subarray(0, HEADER_BYTES), context)
    return aeadDecrypt(encrypted.subarray(HEADER_BYTES), aead)
  }
} satisfies ImageCipher)

/** Key and 12-byte nonce of the image with this header. */
function aeadContext(header: Uint8Array, { key, associated = NOTHING }: CipherContext): AeadContext {
  if (key.length !== 32) throw new RangeError('key must be 32 bytes')
  const derived = deriveKey(key, { salt: header.subarray(NONCE_AT), info: 'sfmedir/aead-image', length: 44 })
  return { key: derived.subarray(0, 32), nonce: derived.subarray(32), associated: [header, associated] }
}
