import { createCipheriv, createDecipheriv } from 'node:crypto'
import { wipe } from '../base/bytes.ts'
import { NetError } from '../base/errors.ts'

/** Bytes of the tag behind the ciphertext. */
export const TAG_BYTES = 16

/** What one message is encrypted with. */
export interface AeadContext {
  /** 32 bytes, of this message alone: then the 12-byte nonce may be derived with it. */
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  /** What else the tag covers, joined. */
  readonly associated: readonly Uint8Array[]
}

const ALGORITHM = 'chacha20-poly1305' // RFC 8439, by OpenSSL
const OPTIONS = Object.freeze({ authTagLength: TAG_BYTES })

/** Write ciphertext || tag(16) of `plain` into `target`, which is {@link TAG_BYTES} longer. */
export function aeadEncryptInto(target: Uint8Array, plain: Uint8Array, { key, nonce, associated }: AeadContext): void {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS)
  for (const part of associated) cipher.setAAD(part, { plaintextLength: plain.length })
  target.set(cipher.update(plain))
  cipher.final()
  target.set(cipher.getAuthTag(), plain.length)
}

/** The plaintext of ciphertext || tag. @throws NetError `KEY_WRONG` when the tag does not fit */
export function aeadDecrypt(sealed: Uint8Array, { key, nonce, associated }: AeadContext): Uint8Array {
  const length = sealed.length - TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS)
  for (const part of associated) decipher.setAAD(part, { plaintextLength: length })
  decipher.setAuthTag(sealed.subarray(length))
  const plain = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch {
    wipe(plain) // what was not verified is never handed out; the cause could only repeat that the tag is wrong
    throw new NetError('KEY_WRONG', 'the encrypted image does not open with this key', { detail: { bytes: length } })
  }
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length)
}
