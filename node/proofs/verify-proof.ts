import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { abortBytes, deletionBytes, keptBytes, noteBytes, receiptBytes } from '../../indexing/encode-proof.ts'
import type { Abort, Deletion, Kept, Note, Receipt } from '../../indexing/proof.ts'

/** Checks what other peers signed. */
export type Verifier = Pick<Signer, 'verify'>

/** Check that `deletion` is its owner's; nobody else's word is involved. @throws NetError `SIGNATURE_INVALID` */
export function verifyDeletion(deletion: Deletion, verifier: Verifier): void {
  const { owner, ownerSignature } = deletion
  if (verifier.verify(owner, deletionBytes(deletion), ownerSignature)) return
  throw new NetError('SIGNATURE_INVALID', 'the owner did not sign this deletion', { detail: { owner } })
}

/** Whether `slave` signed that it keeps this shadow. */
export function isReceiptOf(
  slave: PeerId,
  { signature, ...receipt }: Receipt & { readonly signature: Uint8Array },
  verifier: Verifier
): boolean {
  return verifier.verify(slave, receiptBytes(receipt), signature)
}

/** Whether `master` signed this abort. */
export function isAbortOf(master: PeerId, abort: Abort, verifier: Verifier): boolean {
  return verifier.verify(master, abortBytes(abort), abort.signature)
}

/** Whether the master signed that it keeps the record of this digest, or one that supersedes it. */
export function isKept({ signature, ...kept }: Kept & { readonly signature: Uint8Array }, verifier: Verifier): boolean {
  return verifier.verify(kept.master, keptBytes(kept), signature)
}

/** Whether the slave signed that it keeps the sealed record of this digest beside its shadow. */
export function isNote({ signature, ...note }: Note & { readonly signature: Uint8Array }, verifier: Verifier): boolean {
  return verifier.verify(note.slave, noteBytes(note), signature)
}
