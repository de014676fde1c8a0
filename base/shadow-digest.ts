import { sha256Hex } from './bytes.ts'
import type { PeerId } from './ids.ts'
import { merkleRoot } from './merkle-tree.ts'

/**
 * The digest of a shadow, 64 hex digits: the root of the Merkle tree over it, so that a part of it can be proven without the rest.
 * Of one that no known master put it is the plain SHA-256: so it was in version 1, whose shadows are still read.
 */
export function shadowDigest(shadow: Uint8Array, master: PeerId | undefined): string {
  return master === undefined ? sha256Hex(shadow) : merkleRoot(shadow)
}

/** Whether a shadow still is what is said of it. */
export function hasShadowDigest(
  shadow: Uint8Array,
  { digest, master }: { readonly digest: string; readonly master: PeerId | undefined }
): boolean {
  return shadowDigest(shadow, master) === digest
}
