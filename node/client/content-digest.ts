import { keyedDigest } from '../../crypto/keyed-digest.ts'

/** The keyed digest of an image's plain bytes, hex: the same for the same bytes to all who hold this K_QIE, nothing to others. */
export function contentDigest(bytes: Uint8Array, imageKey: Uint8Array): string {
  return keyedDigest(imageKey, 'sfmedir/content-digest/1', bytes)
}
