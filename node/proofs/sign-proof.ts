import type { Signer } from '../../crypto/signer.ts'
import { abortBytes, deletionBytes, keptBytes, noteBytes, receiptBytes } from '../../indexing/encode-proof.ts'
import type { Abort, Deletion, Note, Receipt } from '../../indexing/proof.ts'

/** A slave's signature for a shadow that is on its stable storage, 64 bytes. */
export function signReceipt(receipt: Receipt, signer: Signer): Uint8Array {
  return signer.sign(receiptBytes(receipt))
}

/** A master's signature for a record, of the SHA-256 in hex, that is on its stable storage, 64 bytes. */
export function signKept(digest: string, signer: Signer): Uint8Array {
  return signer.sign(keptBytes({ digest, master: signer.self }))
}

/** A slave's signature for a sealed record that is on its stable storage beside its shadow, 64 bytes. */
export function signNote(note: Omit<Note, 'slave'>, signer: Signer): Uint8Array {
  return signer.sign(noteBytes({ ...note, slave: signer.self }))
}

/** An owner's signed deletion of its image. */
export function signDeletion(deletion: Pick<Deletion, 'id' | 'digest' | 'time'>, signer: Signer): Deletion {
  const unsigned = { ...deletion, owner: signer.self }
  return { ...unsigned, ownerSignature: signer.sign(deletionBytes(unsigned)) }
}

/** A master's signed word that it gives a sharing up. */
export function signAbort(abort: Omit<Abort, 'signature'>, signer: Signer): Abort {
  return { ...abort, signature: signer.sign(abortBytes(abort)) }
}
