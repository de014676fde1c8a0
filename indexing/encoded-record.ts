import { decodeRecord, encodeRecord } from './encode-record.ts'
import type { ImageRecord, Stored } from './image-record.ts'
import type { Deletion } from './proof.ts'

/** A record with its canonical encoding: made of each other once, and kept together on the way between peers and disk. */
export interface EncodedRecord {
  readonly record: ImageRecord
  /** What {@link encodeRecord} gives for `record`, or gave in version 1. */
  readonly encoded: Uint8Array
}

const SIGNATURE_BYTES = 64
const SIGNATURE_ITEM_BYTES = 2 + SIGNATURE_BYTES // the head of a CBOR byte string of that length, and the bytes

/** A record, encoded. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodedRecord(record: ImageRecord): EncodedRecord {
  return { record, encoded: encodeRecord(record) }
}

/** The record in bytes, with them; its signatures are not checked here. @throws NetError `MESSAGE_INVALID` as {@link decodeRecord} */
export function decodedRecord(encoded: Uint8Array): EncodedRecord {
  return { record: decodeRecord(encoded), encoded }
}

/** The tombstone that a deletion makes. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function tombstoneOf(deletion: Deletion): EncodedRecord {
  return encodedRecord({ id: deletion.id, format: 2, stored: undefined, deletion })
}

/**
 * A record with the signature that `sign` gives for {@link signedBytes}.
 * @throws NetError `MESSAGE_INVALID` when a field is out of bounds
 */
export function signedRecord(
  unsigned: Omit<Stored, 'masterSignature'>,
  sign: (message: Uint8Array) => Uint8Array
): EncodedRecord {
  const masterSignature = new Uint8Array(SIGNATURE_BYTES)
  const stored = { ...unsigned, masterSignature }
  const record: ImageRecord = { id: stored.claim.id, format: 2, stored, deletion: undefined }
  const encoded = encodeRecord(record)
  masterSignature.set(sign(signedBytes(encoded)))
  encoded.set(masterSignature, encoded.length - SIGNATURE_BYTES)
  return { record, encoded }
}

/**
 * The bytes that the last item of an encoded claim or record signs: an array's signature is its last item, so what was
 * signed is the encoding without it, as an array of one item less.
 */
export function signedBytes(encoded: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(encoded.subarray(0, -SIGNATURE_ITEM_BYTES)) // slice() of a Buffer would be no copy
  bytes[0]-- // an array's length stands in its first byte
  return bytes
}
