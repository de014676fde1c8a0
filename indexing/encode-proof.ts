import { codec } from '../codec/codec.ts'
import type { Abort, Deletion, Kept, Note, Receipt } from './proof.ts'
import {
  abortShape,
  deletionShape,
  keptShape,
  noteShape,
  receiptShape,
  unsignedAbortShape,
  unsignedDeletionShape
} from './proof-shapes.ts'

const receipts = codec(receiptShape)
const keeps = codec(keptShape)
const notes = codec(noteShape)
const deletions = codec(deletionShape)
const unsignedDeletions = codec(unsignedDeletionShape)
const aborts = codec(abortShape)
const unsignedAborts = codec(unsignedAbortShape)

/** The bytes a slave signs of a shadow that it keeps. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function receiptBytes(receipt: Receipt): Uint8Array {
  return receipts.encode(receipt)
}

/** The bytes a master signs of a record that it keeps. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function keptBytes(kept: Kept): Uint8Array {
  return keeps.encode(kept)
}

/** The bytes a slave signs of a sealed record that it keeps. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function noteBytes(note: Note): Uint8Array {
  return notes.encode(note)
}

/** The bytes an owner signs to have an image deleted. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function deletionBytes(deletion: Omit<Deletion, 'id' | 'ownerSignature'>): Uint8Array {
  return unsignedDeletions.encode(deletion)
}

/** A deletion as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeDeletion(deletion: Deletion): Uint8Array {
  return deletions.encode(deletion)
}

/** The deletion in `bytes`; its signature is not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeDeletion(bytes: Uint8Array): Deletion {
  return deletions.decode(new Uint8Array(bytes)) // a copy: it is kept, and must not keep the message around it alive
}

/** The bytes a master signs to give a sharing up. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function abortBytes(abort: Omit<Abort, 'signature'>): Uint8Array {
  return unsignedAborts.encode(abort)
}

/** An abort as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeAbort(abort: Abort): Uint8Array {
  return aborts.encode(abort)
}

/** The abort in `bytes`; its signature is not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeAbort(bytes: Uint8Array): Abort {
  return aborts.decode(bytes)
}
