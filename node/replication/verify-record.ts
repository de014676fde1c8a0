import { NetError } from '../../base/errors.ts'
import type { Roster } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { claimBytes } from '../../indexing/encode-record.ts'
import { type EncodedRecord, signedBytes } from '../../indexing/encoded-record.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'

/** Check that `claim` is its owner's. @throws NetError `SIGNATURE_INVALID` */
export function verifyClaim(claim: ImageClaim, signer: Signer): void {
  if (signer.verify(claim.owner, claimBytes(claim), claim.ownerSignature)) return
  throw new NetError('SIGNATURE_INVALID', 'the owner did not sign this claim', { detail: { owner: claim.owner } })
}

/**
 * Check that a record was made by a master of this network, and its claim by its owner.
 * @throws NetError `SIGNATURE_INVALID`, `NOT_PERMITTED` when its maker is no master in the roster
 */
export function verifyRecord(
  { record, encoded }: EncodedRecord,
  { signer, roster }: { signer: Signer; roster: Roster }
): void {
  const { master } = record.version
  if (!roster.member(master)?.roles.includes('master')) {
    throw new NetError('NOT_PERMITTED', 'a record was made by a peer that is no master', { detail: { master } })
  }
  if (!signer.verify(master, signedBytes({ encoded }), record.masterSignature)) {
    throw new NetError('SIGNATURE_INVALID', 'the master did not sign this record', { detail: { master } })
  }
  if (record.stored !== undefined) verifyClaim(record.stored.claim, signer)
}
