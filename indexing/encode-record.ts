import { fromString } from 'uint8arrays/from-string'
import { NetError } from '../base/errors.ts'
import type { ImageId } from '../base/ids.ts'
import { MAX_RECORD_BYTES } from '../base/limits.ts'
import { type Codec, codec } from '../codec/codec.ts'
import type { ImageClaim, ImageRecord, Placement } from './image-record.ts'
import { claimShape, placementShape, recordShape, unsignedClaimShape, unsignedRecordShape } from './record-shapes.ts'

const claims = codec(claimShape)
const placements = codec(placementShape)
const records = codec(recordShape)
const unsignedClaims = codec(unsignedClaimShape)
const unsignedRecords = codec(unsignedRecordShape)

/** The bytes an owner signs: the canonical encoding of the claim without its signature. @throws NetError `MESSAGE_INVALID` */
export function claimBytes(claim: Omit<ImageClaim, 'ownerSignature'>): Uint8Array {
  return unsignedClaims.encode(claim)
}

/** The bytes a master signs: the canonical encoding of the record without its signature. @throws NetError `MESSAGE_INVALID` */
export function recordBytes(record: Omit<ImageRecord, 'masterSignature'>): Uint8Array {
  return unsignedRecords.encode(record)
}

/** A claim as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeClaim(claim: ImageClaim): Uint8Array {
  return claims.encode(claim)
}

/** A placement as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodePlacement(placement: Placement): Uint8Array {
  return placements.encode(placement)
}

/** A record as canonical CBOR, at most `MAX_RECORD_BYTES`. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeRecord(record: ImageRecord): Uint8Array {
  return records.encode(record)
}

/** The claim in `bytes`; its signature is not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeClaim(bytes: Uint8Array): ImageClaim {
  return decodeAs(claims, bytes)
}

/** The placement in `bytes`. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodePlacement(bytes: Uint8Array): Placement {
  return decodeAs(placements, bytes)
}

/** The record in `bytes`; its signatures are not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeRecord(bytes: Uint8Array): ImageRecord {
  return decodeAs(records, bytes)
}

/** What an owner signs to have an image deleted. */
export function deletionBytes({ image, time }: { readonly image: ImageId; readonly time: number }): Uint8Array {
  return fromString(`sfmedir/delete/1/${image}/${time}`)
}

function decodeAs<T>({ decode }: Codec<T>, bytes: Uint8Array): T {
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new NetError('MESSAGE_INVALID', `a record of ${bytes.length} bytes is too long`, {
      detail: { bytes: bytes.length, most: MAX_RECORD_BYTES }
    })
  }
  return decode(new Uint8Array(bytes)) // a copy: it is kept, and must not keep the message around it alive
}
