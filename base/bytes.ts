import { createHash, timingSafeEqual } from 'node:crypto'
import type { ImageId, PeerId } from './ids.ts'

/** SHA-256 of `bytes`: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

/** SHA-256 of `bytes` as 64 lower-case hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * The id of an owner's encrypted image, of its SHA-256 in hex: SHA-256("sfmedir/image/2/<owner>/" and the digest). It names
 * the owner, so that the same bytes of another owner are another image.
 */
export function ownedImageId(owner: PeerId, digest: string): ImageId {
  const hash = createHash('sha256').update(`sfmedir/image/2/${owner}/`).update(digest, 'hex')
  return hash.digest('hex') as ImageId // 64 hex digits by construction
}

/** Whether two byte strings are equal, in time that depends on their lengths only. For secrets and tags. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Overwrite secrets with zeros once they are no longer needed. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}

/** Memory of its own for bytes that will all be overwritten: zeroing it first would cost as much as a copy. */
export function unzeroed(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer) // the `allocUnsafe` of uint8arrays may give part of a pool
}
