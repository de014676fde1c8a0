import { MAX_METADATA_BYTES } from '../base/limits.ts'
import { invalid, type Shape } from '../codec/codec.ts'
import { items } from '../codec/fields.ts'
import { bytes, checked, digest, image, listOf, number, orNull, peer, sharing, text, whole } from '../codec/shapes.ts'
import type { ImageClaim, ImageRecord, Placement } from './image-record.ts'

// Version 1. Every structure is an array that starts with its version and its name, so that what is signed as one can
// never be read as another. Hex ids travel as bytes.
//   claim     [1, "claim", image, owner, [model, view, bits], code, size, metadata, ownerSignature]
//   placement [1, "placement", scheme, sharing, total, [[slave, number, digest], ...], sealedThreshold]
//   record    [1, "record", image, [counter, master], time, null | [claim, placement], masterSignature]
const VERSION = 1

const MAX_IMAGE_BYTES = 2 ** 40 // far above any image, far below where numbers lose their last bit
const MAX_SEALED_THRESHOLD_BYTES = 256 // a sealed pair of small numbers; an AEAD adds some 40 bytes
const MAX_HOLDERS = 255 // a shadow number is one byte and 0 is none

const signature = bytes(64, 64) // Ed25519

const bits = checked(whole(8, 256), value => {
  if (value % 8 !== 0) throw invalid('not a multiple of 8 bits')
  return value
})

const scheme = checked(text(1, 32), value => {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(value)) throw invalid('not lower-case letters, digits and hyphens')
  return value
})

const claimItems = {
  id: image,
  owner: peer,
  space: items([], { model: digest, view: digest, bits }),
  code: bytes(1, 32),
  size: whole(1, MAX_IMAGE_BYTES),
  metadata: bytes(0, MAX_METADATA_BYTES)
}

/** What an owner signs: a claim without its signature. */
export const unsignedClaimShape: Shape<Omit<ImageClaim, 'ownerSignature'>> = items([VERSION, 'claim'], claimItems)

/** A claim whose code is as long as its space says. */
export const claimShape: Shape<ImageClaim> = checked(
  items([VERSION, 'claim'], { ...claimItems, ownerSignature: signature }),
  claim => {
    if (claim.code.length * 8 !== claim.space.bits) throw invalid('a code that has not its length')
    return claim
  }
)

/** A placement whose holders are different slaves with different shadows of its total. */
export const placementShape: Shape<Placement> = checked(
  items([VERSION, 'placement'], {
    scheme,
    sharing,
    total: whole(1, 255),
    holders: listOf(items([], { slave: peer, number, digest }), MAX_HOLDERS, 1),
    sealedThreshold: bytes(1, MAX_SEALED_THRESHOLD_BYTES)
  }),
  placement => {
    const { holders, total } = placement
    if (holders.some(holder => holder.number > total)) throw invalid('a shadow number above the total')
    if (new Set(holders.map(holder => holder.slave)).size !== holders.length) throw invalid('a slave twice')
    if (new Set(holders.map(holder => holder.number)).size !== holders.length) throw invalid('a shadow number twice')
    return placement
  }
)

const recordItems = {
  id: image,
  version: items([], { counter: whole(), master: peer }),
  time: whole(),
  stored: orNull(items([], { claim: claimShape, placement: placementShape }))
}

/** What a master signs: a record without its signature. */
export const unsignedRecordShape: Shape<Omit<ImageRecord, 'masterSignature'>> = items([VERSION, 'record'], recordItems)

/** A record whose claim, if any, is of its image. */
export const recordShape: Shape<ImageRecord> = checked(
  items([VERSION, 'record'], { ...recordItems, masterSignature: signature }),
  record => {
    if ((record.stored?.claim.id ?? record.id) !== record.id) throw invalid('a claim of another image')
    return record
  }
)
