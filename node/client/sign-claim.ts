import type { PeerId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { claimBytes, encodeClaim } from '../../indexing/encode-record.ts'
import type { SealedImage } from './stored-image.ts'

/** Which master is asked to store an image, when, and by whom. */
export interface Asked {
  readonly master: PeerId
  /** ms since 1970, larger for every further try. */
  readonly time: number
  /** The owner. */
  readonly signer: Signer
}

/** The owner's signed claim with which one master is asked to store an image, encoded: no other master can use it. */
export function signClaim(
  { id, digest, space, code, metadata, encrypted }: SealedImage,
  { master, time, signer }: Asked
): Uint8Array {
  const claim = { owner: signer.self, master, time, digest, space, code, size: encrypted.length, metadata }
  return encodeClaim({ id, ...claim, ownerSignature: signer.sign(claimBytes(claim)) })
}
