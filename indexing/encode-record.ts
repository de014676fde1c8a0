import { decode, encode } from 'cborg'
import { NetError } from '../base/errors.ts'
import { type ImageId, imageId, peerId, shadowNumber, sharingId } from '../base/ids.ts'
import { MAX_RECORD_BYTES } from '../base/limits.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import { checkClaim, checkPlacement, checkRecord } from './check-record.ts'
import { bytesAt, itemsOf, numberAt, textAt } from './cbor-items.ts'
import type { Holder, ImageClaim, ImageRecord, Placement } from './image-record.ts'

// Version 1. Every structure is an array that starts with its version and its name, so that what is signed as one can
// never be read as another. Hex ids travel as bytes.
//   claim     [1, "claim", image, owner, [model, view, bits], code, size, metadata, ownerSignature]
//   placement [1, "placement", scheme, sharing, total, [[slave, number, digest], ...], sealedThreshold]
//   record    [1, "record", image, [counter, master], time, null | [claim, placement], masterSignature]
const VERSION = 1

const STRICT = Object.freeze({
  strict: true, // shortest form of every number
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  useMaps: true
})

/** The bytes an owner signs: the canonical encoding of the claim without its signature. */
export function claimBytes(claim: Omit<ImageClaim, 'ownerSignature'>): Uint8Array {
  return encode(claimItems(claim))
}

/** The bytes a master signs: the canonical encoding of the record without its signature. */
export function recordBytes(record: Omit<ImageRecord, 'masterSignature'>): Uint8Array {
  return encode(recordItems(record))
}

/** A claim as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeClaim(claim: ImageClaim): Uint8Array {
  checkClaim(claim)
  return encode([...claimItems(claim), claim.ownerSignature])
}

/** A placement as canonical CBOR. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodePlacement(placement: Placement): Uint8Array {
  checkPlacement(placement)
  return encode(placementItems(placement))
}

/** A record as canonical CBOR, at most `MAX_RECORD_BYTES`. @throws NetError `MESSAGE_INVALID` when a field is out of bounds */
export function encodeRecord(record: ImageRecord): Uint8Array {
  checkRecord(record)
  return encode([...recordItems(record), record.masterSignature])
}

/** The claim in `bytes`; its signature is not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeClaim(bytes: Uint8Array): ImageClaim {
  return decodeAs(bytes, toClaim, encodeClaim)
}

/** The placement in `bytes`. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodePlacement(bytes: Uint8Array): Placement {
  return decodeAs(bytes, toPlacement, encodePlacement)
}

/** The record in `bytes`; its signatures are not checked here. @throws NetError `MESSAGE_INVALID` unless it is the canonical encoding of a valid one */
export function decodeRecord(bytes: Uint8Array): ImageRecord {
  return decodeAs(bytes, toRecord, encodeRecord)
}

function decodeAs<T>(bytes: Uint8Array, read: (item: unknown) => T, write: (value: T) => Uint8Array): T {
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new NetError('MESSAGE_INVALID', `a record of ${bytes.length} bytes is too long`, {
      detail: { bytes: bytes.length, most: MAX_RECORD_BYTES }
    })
  }
  let item: unknown
  try {
    item = decode(bytes, STRICT)
  } catch (cause) {
    throw new NetError('MESSAGE_INVALID', 'not canonical CBOR', { cause })
  }
  const value = read(item)
  // One value has one encoding: signatures and ids over the bytes then hold for the value too.
  if (Buffer.compare(write(value), bytes) !== 0) throw new NetError('MESSAGE_INVALID', 'not the canonical encoding')
  return value
}

function claimItems(claim: Omit<ImageClaim, 'ownerSignature'>): unknown[] {
  const { model, view, bits } = claim.space
  const space = [fromHex(model), fromHex(view), bits]
  return [VERSION, 'claim', fromHex(claim.image), claim.owner, space, claim.code, claim.size, claim.metadata]
}

function placementItems(placement: Placement): unknown[] {
  const { scheme, sharing, total, sealedThreshold } = placement
  const holders = placement.holders.map(({ slave, number, digest }) => [slave, number, fromHex(digest)])
  return [VERSION, 'placement', scheme, fromHex(sharing), total, holders, sealedThreshold]
}

function recordItems({ image, version, time, stored }: Omit<ImageRecord, 'masterSignature'>): unknown[] {
  const parts =
    stored === undefined
      ? null
      : [[...claimItems(stored.claim), stored.claim.ownerSignature], placementItems(stored.placement)]
  return [VERSION, 'record', fromHex(image), [version.counter, version.master], time, parts]
}

function toClaim(item: unknown): ImageClaim {
  const items = versioned(item, 'claim', 9)
  const space = itemsOf(items[4], 'code space', 3)
  return {
    image: imageAt(items, 2),
    owner: peerId(textAt(items, 3)),
    space: { model: hexAt(space, 0), view: hexAt(space, 1), bits: numberAt(space, 2) } satisfies CodeSpace,
    code: bytesAt(items, 5),
    size: numberAt(items, 6),
    metadata: bytesAt(items, 7),
    ownerSignature: bytesAt(items, 8)
  }
}

function toPlacement(item: unknown): Placement {
  const items = versioned(item, 'placement', 7)
  return {
    scheme: textAt(items, 2),
    sharing: sharingId(hexAt(items, 3)),
    total: numberAt(items, 4),
    holders: itemsOf(items[5], 'holders').map(toHolder),
    sealedThreshold: bytesAt(items, 6)
  }
}

function toHolder(item: unknown): Holder {
  const items = itemsOf(item, 'holder', 3)
  return { slave: peerId(textAt(items, 0)), number: shadowNumber(numberAt(items, 1)), digest: hexAt(items, 2) }
}

function toRecord(item: unknown): ImageRecord {
  const items = versioned(item, 'record', 7)
  const version = itemsOf(items[3], 'version', 2)
  const parts = items[5] === null ? undefined : itemsOf(items[5], 'stored', 2)
  return {
    image: imageAt(items, 2),
    version: { counter: numberAt(version, 0), master: peerId(textAt(version, 1)) },
    time: numberAt(items, 4),
    stored: parts && { claim: toClaim(parts[0]), placement: toPlacement(parts[1]) },
    masterSignature: bytesAt(items, 6)
  }
}

function versioned(item: unknown, name: string, length: number): unknown[] {
  const items = itemsOf(item, name)
  if (items[0] !== VERSION || items[1] !== name || items.length !== length) {
    throw new NetError('MESSAGE_INVALID', `not a ${name} of version ${VERSION}`)
  }
  return items
}

function imageAt(items: readonly unknown[], at: number): ImageId {
  return imageId(hexAt(items, at))
}

function hexAt(items: readonly unknown[], at: number): string {
  return Buffer.from(bytesAt(items, at)).toString('hex')
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

/** What an owner signs to have an image deleted. */
export function deletionBytes({ image, time }: { readonly image: ImageId; readonly time: number }): Uint8Array {
  return new TextEncoder().encode(`sfmedir/delete/1/${image}/${time}`)
}
