import { createHmac } from 'node:crypto'
import { deriveKey } from './derive.ts'

/**
 * What only holders of `secret` can tell of some bytes: HMAC-SHA-256 under a key derived for `info`, 64 lower-case hex
 * digits. Equal bytes have equal digests; without the secret nobody can try out which bytes they are.
 */
export function keyedDigest(secret: Uint8Array, info: string, bytes: Uint8Array): string {
  return createHmac('sha256', deriveKey(secret, { info })).update(bytes).digest('hex')
}
