import { hkdfSync } from 'node:crypto'

/** What one derived key is for. */
export interface Derivation {
  /** Separates keys of one secret made at different times, such as a nonce. Empty when left out. */
  readonly salt?: Uint8Array
  /** The label that separates uses, such as `QMS2/siv`. */
  readonly info: string
  /** How many bytes, 1 to 8160. 32 when left out. */
  readonly length?: number
}

const NO_SALT = new Uint8Array(0)

/** A key for one use out of `secret`: HKDF-SHA-256 (RFC 5869). @throws RangeError when `length` is out of range */
export function deriveKey(secret: Uint8Array, { salt = NO_SALT, info, length = 32 }: Derivation): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length > 255 * 32) {
    throw new RangeError('length must be a whole number from 1 to 8160')
  }
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, length))
}
