import { NetError } from '../base/errors.ts'
import { MAX_RECORD_BYTES } from '../base/limits.ts'
import { type Codec, codec, invalid } from '../codec/codec.ts'
import type { Cosign, ImageClaim, ImageRecord, Placement, Stored } from './image-record.ts'
import {
  type AskedClaim,
  claimShape,
  cosignedShape,
  placementShape,
  storedShape,
  tombstoneShape,
  unsignedClaimShape
} from './record-shapes.ts'
import { claimShape1, recordShape1, unsignedClaimShape1 } from './record-v1.ts'

const claims = codec(claimShape)
const claims1 = codec(claimShape1)
const unsignedClaims = codec(unsignedClaimShape)
const unsignedClaims1 = codec(unsignedClaimShape1)
const placements = codec(placementShape)
const stored = codec(storedShape)
const cosigned = codec(cosignedShape)
const tombstones = codec(tombstoneShape)
const records1 = codec<ImageRecord>({
  ...recordShape1,
  plain: () => {
    throw invalid('a record of version 1 is not written any more')
  }
})

const ARRAY = 0x80 // the head of a CBOR array, plus its length: it tells the forms of a record apart
const STORED_ITEMS = 8
const TOMBSTONE_ITEMS = 3

/** The bytes an owner signs: the canonical encoding of the claim without its signature. @throws NetError `MESSAGE_INVALID` */
export function claimBytes(
  claim: Omit<ImageClaim, 'id' | 'ownerSignature'> & Pick<Partial<ImageClaim>, 'id'>
): Uint8Array {
  if (isAsked(claim)) return unsignedClaims.encode(claim)
  if (claim.id === undefined) throw invalid('a claim of version 1 without its id')
  return unsignedClaims1.encode({ ...claim, id: claim.id })
}

/** A claim as canonical CBOR, in its own version. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeClaim(claim: ImageClaim): Uint8Array {
  return isAsked(claim) ? claims.encode(claim) : claims1.encode(claim)
}

/** The claim in `bytes`, of either version; its signature is not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeClaim(bytes: Uint8Array): ImageClaim {
  return bytes[1] === 1 ? decodeAs(claims1, bytes) : decodeAs(claims, bytes)
}

/** A placement as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodePlacement(placement: Placement): Uint8Array {
  return placements.encode(placement)
}

/** The placement in `bytes`. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodePlacement(bytes: Uint8Array): Placement {
  return decodeAs(placements, bytes)
}

/** The bytes that the second master of a record signs. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function cosignBytes(
  { claim, ...rest }: Omit<Stored, 'cosign' | 'masterSignature'>,
  cosigner: Cosign['master']
): Uint8Array {
  if (!isAsked(claim)) throw invalid('a claim of version 1')
  return cosigned.encode({ ...rest, claim, cosigner })
}

/** A record as canonical CBOR, at most `MAX_RECORD_BYTES`. @throws NetError `MESSAGE_INVALID` when a field is out of bounds, or it is of version 1 */
export function encodeRecord(record: ImageRecord): Uint8Array {
  if (record.format === 1) return records1.encode(record)
  if (record.stored === undefined) {
    if (record.deletion?.id !== record.id) throw invalid('a tombstone without the deletion of its image')
    return tombstones.encode({ deletion: record.deletion })
  }
  const { claim } = record.stored
  if (claim.id !== record.id || !isAsked(claim)) throw invalid('a claim of another image')
  return stored.encode({ ...record.stored, claim })
}

/** The record in `bytes`, of either version; its signatures are not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeRecord(bytes: Uint8Array): ImageRecord {
  if (bytes[0] === ARRAY + TOMBSTONE_ITEMS) {
    const { deletion } = decodeAs(tombstones, bytes)
    return { id: deletion.id, format: 2, stored: undefined, deletion }
  }
  if (bytes[0] !== ARRAY + STORED_ITEMS) return decodeAs(records1, bytes)
  const record = decodeAs(stored, bytes)
  return { id: record.claim.id, format: 2, stored: record, deletion: undefined }
}

function isAsked<T extends Pick<ImageClaim, 'master'>>(claim: T): claim is T & Pick<AskedClaim, 'master'> {
  return claim.master !== undefined
}

function decodeAs<T>({ decode }: Codec<T>, bytes: Uint8Array): T {
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new NetError('MESSAGE_INVALID', `a record of ${bytes.length} bytes is too long`, {
      detail: { bytes: bytes.length, most: MAX_RECORD_BYTES }
    })
  }
  return decode(new Uint8Array(bytes)) // a copy: it is kept, and must not keep the message around it alive
}
