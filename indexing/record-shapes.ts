import { MAX_ENCRYPTED_BYTES, MAX_SHADOW_BYTES } from '../base/limits.ts'
import { invalid, type Shape } from '../codec/codec.ts'
import { items } from '../codec/fields.ts'
import { bytes, checked, digest, instant, listOf, number, orNull, peer, sharing, whole } from '../codec/shapes.ts'
import type { Cosign, ImageClaim, Placement, Stored } from './image-record.ts'
import type { Deletion } from './proof.ts'
import { counter, deletionShape, signature, VERSION, withImageId } from './proof-shapes.ts'
import { checkHolders, coded, MAX_HOLDERS, metadata, scheme, sealedThreshold, space } from './record-parts.ts'

// Version 2. Every structure is an array that starts with its version and its name, so that what is signed as one can
// never be read as another. Hex ids and digests travel as bytes.
//   claim     [2, "claim", owner, master, time, digest, [model, view, bits], code, size, metadata, ownerSignature]
//   placement [2, "placement", scheme, sharing, total, [[slave, number, digest, bytes, receipt], ...], sealedThreshold]
//   record    [2, "record", [counter, master], time, claim, placement, null | [master, signature], masterSignature]
//   tombstone [2, "tombstone", deletion]
//   cosign    [2, "cosign", [counter, master], time, claim, placement, master]    what the second master signs

const claimItems = {
  owner: peer,
  master: peer,
  time: instant,
  digest,
  space,
  code: bytes(1, 32),
  size: whole(1, MAX_ENCRYPTED_BYTES),
  metadata
}

/** A claim of version 2: it names the master that was asked. */
export type AskedClaim = ImageClaim & { readonly master: NonNullable<ImageClaim['master']> }

/** What an owner signs: a claim without its signature. */
export const unsignedClaimShape: Shape<Pick<AskedClaim, keyof typeof claimItems>> = items(
  [VERSION, 'claim'],
  claimItems
)

/** A claim whose code is as long as its space says. */
export const claimShape: Shape<AskedClaim> = withImageId(
  checked(items([VERSION, 'claim'], { ...claimItems, ownerSignature: signature }), coded)
)

/** A placement that names a holder for each shadow of its total, all of them different slaves. */
export const placementShape: Shape<Placement> = checked(
  items([VERSION, 'placement'], {
    scheme,
    sharing,
    total: whole(2, MAX_HOLDERS),
    holders: listOf(
      items([], { slave: peer, number, digest, bytes: whole(1, MAX_SHADOW_BYTES), receipt: signature }),
      MAX_HOLDERS,
      2
    ),
    sealedThreshold
  }),
  placement => {
    checkHolders(placement)
    if (placement.holders.length !== placement.total) throw invalid('not as many holders as shadows')
    return placement
  }
)

const version = items([], { counter, master: peer })
const cosign: Shape<Cosign> = items([], { master: peer, signature })
const signedItems = { version, time: instant, claim: claimShape, placement: placementShape }

/** What the index keeps of a stored image; a first placement is by the master that the owner asked, and by it alone. */
export const storedShape: Shape<Stored & { readonly claim: AskedClaim }> = checked(
  items([VERSION, 'record'], { ...signedItems, cosign: orNull(cosign), masterSignature: signature }),
  stored => {
    if (stored.version.counter > 1) return stored
    if (stored.version.master !== stored.claim.master)
      throw invalid('a first placement by another master than was asked')
    if (stored.cosign !== undefined) throw invalid('a first placement with a second master')
    return stored
  }
)

/** What the second master of a sharing anew signs. */
export const cosignedShape: Shape<
  Pick<Stored, 'version' | 'time' | 'placement'> & { claim: AskedClaim; cosigner: Cosign['master'] }
> = items([VERSION, 'cosign'], { ...signedItems, cosigner: peer })

/** A tombstone: a deletion. */
export const tombstoneShape: Shape<{ readonly deletion: Deletion }> = items([VERSION, 'tombstone'], {
  deletion: deletionShape
})
