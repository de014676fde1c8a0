import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { NetError } from '../base/errors.ts'
import { type Random, randomBytes } from '../base/random.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 24
const TAG_BYTES = 16
const NOTHING = new Uint8Array(0)

/** How many bytes longer than the secret a sealed secret is: nonce and tag. */
export const SEAL_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES

/** What a seal is bound to beside its key. */
export interface SealContext {
  /** Bytes that must be the same at opening; not stored. Empty when left out. */
  readonly associated?: Uint8Array
}

/**
 * Seal a small secret (a key, a threshold, a name): nonce(24) || XChaCha20-Poly1305. Fresh nonce on every call.
 * @throws RangeError when the key is not 32 bytes
 */
export function sealBytes(
  key: Uint8Array,
  plain: Uint8Array,
  { associated = NOTHING, random }: SealContext & { readonly random: Random }
): Uint8Array {
  return sealWithNonce(key, plain, { associated, nonce: randomBytes(random, NONCE_BYTES) })
}

/**
 * Like {@link sealBytes}, with a nonce that the caller answers for: one key never seals two secrets with the same.
 * @throws RangeError when the key is not 32 bytes, or the nonce not 24
 */
export function sealWithNonce(
  key: Uint8Array,
  plain: Uint8Array,
  { associated = NOTHING, nonce }: SealContext & { readonly nonce: Uint8Array }
): Uint8Array {
  checkKey(key)
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`nonce must be ${NONCE_BYTES} bytes`)
  const sealed = new Uint8Array(SEAL_OVERHEAD_BYTES + plain.length)
  sealed.set(nonce)
  sealed.set(xchacha20poly1305(key, nonce, associated).encrypt(plain), NONCE_BYTES)
  return sealed
}

/**
 * The secret inside {@link sealBytes}' output.
 * @throws NetError `KEY_WRONG` when the key or the associated bytes are wrong, or the bytes were altered or cut
 * @throws RangeError when the key is not 32 bytes
 */
export function openSealed(
  key: Uint8Array,
  sealed: Uint8Array,
  { associated = NOTHING }: SealContext = {}
): Uint8Array {
  checkKey(key)
  const bytes = sealed.length
  if (bytes < SEAL_OVERHEAD_BYTES) {
    throw new NetError('KEY_WRONG', 'sealed bytes are shorter than an empty seal', { detail: { bytes } })
  }
  try {
    const opener = xchacha20poly1305(key, sealed.subarray(0, NONCE_BYTES), associated)
    return opener.decrypt(sealed.subarray(NONCE_BYTES))
  } catch {
    // the cause is left out: it can only repeat that the tag is wrong
    throw new NetError('KEY_WRONG', 'the seal does not open with this key', { detail: { bytes } })
  }
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`key must be ${KEY_BYTES} bytes`)
}
