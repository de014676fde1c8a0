import type { Shape } from '../codec/codec.ts'
import { items } from '../codec/fields.ts'
import { bytes, digest, image, listOf, number, orNull, peer, sharing, whole } from '../codec/shapes.ts'
import type { ImageClaim, ImageRecord } from './image-record.ts'
import { signature } from './proof-shapes.ts'
import { checkHolders, coded, MAX_HOLDERS, metadata, scheme, sealedThreshold, space } from './record-parts.ts'

// Version 1, which is read from a master's own disk and no longer written. Its image id is the SHA-256 of the encrypted
// image, whoever owns it, and nobody but its master vouches for a placement or a tombstone.
//   claim     [1, "claim", image, owner, [model, view, bits], code, size, metadata, ownerSignature]
//   placement [1, "placement", scheme, sharing, total, [[slave, number, digest], ...], sealedThreshold]
//   record    [1, "record", image, [counter, master], time, null | [claim, placement], masterSignature]
const VERSION = 1

const MAX_IMAGE_BYTES = 2 ** 40 // above what anybody fetches: version 1 was not bounded by it

const claimItems = {
  id: image,
  owner: peer,
  space,
  code: bytes(1, 32),
  size: whole(1, MAX_IMAGE_BYTES),
  metadata
}

/** What an owner signed in version 1. */
export const unsignedClaimShape1: Shape<Pick<ImageClaim, keyof typeof claimItems>> = items(
  [VERSION, 'claim'],
  claimItems
)

const writtenClaim = items([VERSION, 'claim'], { ...claimItems, ownerSignature: signature })

/** A claim of version 1: its digest is its id, and it names no master and no time. */
export const claimShape1: Shape<ImageClaim> = {
  form: { kind: 'checked', of: writtenClaim as Shape<unknown> }, // to be read only
  plain: claim => writtenClaim.plain(coded(claim)),
  read: tokens => {
    const claim = coded(writtenClaim.read(tokens))
    return { ...claim, digest: claim.id, master: undefined, time: 0 }
  }
}

const placement = items([VERSION, 'placement'], {
  scheme,
  sharing,
  total: whole(1, 255),
  holders: listOf(items([], { slave: peer, number, digest }), MAX_HOLDERS, 1),
  sealedThreshold
})

const record = items([VERSION, 'record'], {
  id: image,
  version: items([], { counter: whole(), master: peer }),
  time: whole(),
  stored: orNull(items([], { claim: claimShape1, placement })),
  masterSignature: signature
})

/** A record of version 1, to be read only. */
export const recordShape1: Pick<Shape<ImageRecord>, 'form' | 'read'> = {
  form: { kind: 'checked', of: record as Shape<unknown> }, // to be read only
  read: tokens => {
    const { id, stored, ...signed } = record.read(tokens)
    if (stored === undefined) return { id, format: 1, stored, deletion: undefined }
    const holders = stored.placement.holders.map(holder => ({ ...holder, bytes: 0, receipt: new Uint8Array() }))
    const full = { ...stored.placement, holders }
    checkHolders(full)
    return {
      id,
      format: 1,
      stored: { ...signed, claim: stored.claim, placement: full, cosign: undefined },
      deletion: undefined
    }
  }
}
