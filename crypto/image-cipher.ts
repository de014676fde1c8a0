import type { Random } from '../base/random.ts'

/** What encryption is bound to beside its key. */
export interface CipherContext {
  /** The consortium's image key K_QIE, 32 bytes. */
  readonly key: Uint8Array
  /** Bytes that must be the same at decryption; not stored. Empty when left out. */
  readonly associated?: Uint8Array
}

/**
 * Turns an image's bytes into an encrypted image EI and back (QChaosImgEnc, QChaosImgDec). Every implementation is
 * authenticated: what was altered, or belongs to another key, is refused before anything is decrypted.
 */
export interface ImageCipher {
  /** The name in configuration and in records. */
  readonly name: string
  /** The four bytes with which this cipher's output starts, as text. */
  readonly magic: string
  /** How many bytes longer than the image its encryption is. */
  readonly overheadBytes: number
  /** Encrypt an image of any length from 0 bytes. Fresh nonce on every call: two encryptions of one image differ. */
  encrypt(image: Uint8Array, context: CipherContext & { readonly random: Random }): Uint8Array
  /**
   * The image's bytes.
   * @throws NetError `IMAGE_CORRUPT` when the bytes are not this cipher's output, `KEY_WRONG` when the tag does not fit:
   *   the key or the associated bytes are wrong, or the bytes were altered (compare the image id to tell which)
   */
  decrypt(encrypted: Uint8Array, context: CipherContext): Uint8Array
}
