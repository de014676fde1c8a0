import type { ImageId, PeerId, SharingId, ShadowNumber } from '../base/ids.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import type { Deletion, Origin } from './proof.ts'

/** Where one shadow of an image lies. */
export interface Holder {
  readonly slave: PeerId
  readonly number: ShadowNumber
  /** Root of the Merkle tree over the shadow, hex; its SHA-256 in version 1. */
  readonly digest: string
  /** Length of the shadow; 0 in version 1, which does not say. */
  readonly bytes: number
  /** Ed25519 by the slave over the `Receipt` of this shadow; empty in version 1. */
  readonly receipt: Uint8Array
}

/** Which version of a record it is: 1 for a first placement, higher for a sharing anew, and by whom. */
interface RecordVersion {
  readonly counter: number
  readonly master: PeerId
}

/** What the owner says of an image, under its signature; masters cannot read `code`'s meaning nor `metadata`. */
export interface ImageClaim {
  /** Computed from owner and digest; in version 1 the digest itself. */
  readonly id: ImageId
  readonly owner: PeerId
  /** The master that the owner asked to store it: only this one may place it first. Undefined in version 1. */
  readonly master: PeerId | undefined
  /** When it asked, ms since 1970 by the owner's clock: larger for every further try. 0 in version 1. */
  readonly time: number
  /** SHA-256 of the encrypted image, hex. */
  readonly digest: string
  readonly space: CodeSpace
  /** The masked code: pi(code) xor mask. `space.bits` / 8 bytes. */
  readonly code: Uint8Array
  /** Size of the encrypted image in bytes. */
  readonly size: number
  /** Name, type and labels, sealed by the owner. */
  readonly metadata: Uint8Array
  /** Ed25519 by the owner over the canonical encoding of all that is encoded above. */
  readonly ownerSignature: Uint8Array
}

/** How and where an image is kept, decided by a master and receipted by slaves. */
export interface Placement {
  /** Name of the shadow scheme. */
  readonly scheme: string
  readonly sharing: SharingId
  /** s; the threshold is only in `sealedThreshold`. */
  readonly total: number
  readonly holders: readonly Holder[]
  /** AEAD under K_rEK of r and s, bound to image and sharing. */
  readonly sealedThreshold: Uint8Array
}

/** The word of a second master that rebuilt an image from its new shadows. */
export interface Cosign {
  readonly master: PeerId
  /** Ed25519 by that master over version, time, claim and placement. */
  readonly signature: Uint8Array
}

/** What the index says of an image that is stored. */
export interface Stored {
  readonly version: RecordVersion
  /** When the version was made, ms since 1970 by its master's clock. */
  readonly time: number
  readonly claim: ImageClaim
  readonly placement: Placement
  /** Undefined at counter 1. */
  readonly cosign: Cosign | undefined
  /** Ed25519 by `version.master` over the canonical encoding of all fields above. */
  readonly masterSignature: Uint8Array
}

/** One line of the masters' index: an image that is stored, or the tombstone of one that was deleted. */
export interface ImageRecord {
  readonly id: ImageId
  /** 2: everything in it is proven. 1: its master's word alone, read from a master's own disk and taken from nobody. */
  readonly format: 1 | 2
  /** Undefined once deleted: a tombstone says that the image is gone, and wins over its record. */
  readonly stored: Stored | undefined
  /** The owner's word for a tombstone; undefined in version 1. */
  readonly deletion: Deletion | undefined
}

/** For which try of its image a record's sharing was made. */
export function originOf({ claim, version }: Pick<Stored, 'claim' | 'version'>): Origin {
  return { asked: claim.time, counter: version.counter, master: version.master }
}
