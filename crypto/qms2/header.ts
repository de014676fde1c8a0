import { NetError } from '../../base/errors.ts'
import { TAG_BYTES } from '../aead.ts'

/** The four bytes with which an image encrypted by QMS-2 starts. */
export const QMS2_MAGIC = 'QMS2'
/** Bytes of the random nonce in the header. */
export const NONCE_BYTES = 24
const NONCE_AT = 5
const SIV_AT = NONCE_AT + NONCE_BYTES
/** Bytes of the header: magic(4), version(1), nonce(24), SIV(32). */
export const HEADER_BYTES = SIV_AT + 32
const VERSION = 1

/** An image encrypted by QMS-2, cut into its parts (views, nothing copied). */
export interface Qms2Parts {
  readonly header: Uint8Array
  readonly nonce: Uint8Array
  readonly siv: Uint8Array
  /** Ciphertext and tag of the AEAD. */
  readonly sealed: Uint8Array
}

/** Write the header into the first {@link HEADER_BYTES} of `target`, and return that part. */
export function writeHeader(target: Uint8Array, nonce: Uint8Array, siv: Uint8Array): Uint8Array {
  for (let i = 0; i < 4; i++) target[i] = QMS2_MAGIC.charCodeAt(i)
  target[4] = VERSION
  target.set(nonce, NONCE_AT)
  target.set(siv, SIV_AT)
  return target.subarray(0, HEADER_BYTES)
}

/** Cut an encrypted image into its parts. @throws NetError `IMAGE_CORRUPT` when it is too short or not QMS-2, version 1 */
export function readParts(encrypted: Uint8Array): Qms2Parts {
  const bytes = encrypted.length
  const magicFits = [...QMS2_MAGIC].every((letter, i) => encrypted[i] === letter.charCodeAt(0))
  if (bytes < HEADER_BYTES + TAG_BYTES || !magicFits || encrypted[4] !== VERSION) {
    throw new NetError('IMAGE_CORRUPT', 'these bytes are not a QMS-2 image of version 1', { detail: { bytes } })
  }
  return {
    header: encrypted.subarray(0, HEADER_BYTES),
    nonce: encrypted.subarray(NONCE_AT, SIV_AT),
    siv: encrypted.subarray(SIV_AT, HEADER_BYTES),
    sealed: encrypted.subarray(HEADER_BYTES)
  }
}
