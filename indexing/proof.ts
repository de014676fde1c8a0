import type { ImageId, PeerId, SharingId, ShadowNumber } from '../base/ids.ts'

/** For which try of an image a sharing was made: of two sharings the one of the later origin counts. */
export interface Origin {
  /** The time of the claim that was stored. */
  readonly asked: number
  /** The record's counter: 1 for a first placement, above it for every sharing anew. */
  readonly counter: number
  /** The master that put the shadows. */
  readonly master: PeerId
}

/** What a slave signs once a shadow is on its stable storage. */
export interface Receipt {
  readonly image: ImageId
  readonly sharing: SharingId
  readonly origin: Origin
  readonly number: ShadowNumber
  /** Root of the Merkle tree over the shadow, hex. */
  readonly digest: string
  /** Length of the shadow. */
  readonly bytes: number
}

/** An owner's signed wish that an image be gone: all that a tombstone says, true whoever brings it. */
export interface Deletion {
  /** Computed from owner and digest. */
  readonly id: ImageId
  readonly owner: PeerId
  /** SHA-256 of the encrypted image, hex. */
  readonly digest: string
  /** When the owner asked, ms since 1970 by its clock. */
  readonly time: number
  /** Ed25519 by the owner over the canonical encoding of all fields above. */
  readonly ownerSignature: Uint8Array
}

/** A master's signed word that a sharing is in no record of its index and never will be. */
export interface Abort {
  readonly image: ImageId
  readonly sharing: SharingId
  readonly origin: Origin
  /** When it was signed, ms since 1970 by its clock. */
  readonly time: number
  /** Ed25519 by a master, which the bytes do not name, over the canonical encoding of all fields above. */
  readonly signature: Uint8Array
}

/** What a master signs once a record, or one that supersedes it, is on its stable storage. */
export interface Kept {
  /** SHA-256 of the encoded record, hex. */
  readonly digest: string
  /** Who kept it. */
  readonly master: PeerId
}

/** What a slave signs once the sealed record of a sharing is on its stable storage, beside its shadow. */
export interface Note {
  readonly image: ImageId
  readonly sharing: SharingId
  /** SHA-256 of the sealed record, hex. */
  readonly digest: string
  /** Who keeps it. */
  readonly slave: PeerId
}

/** Whether `a` is later than `b`: asked later, then the higher counter, then the higher master id. */
export function isLater(a: Origin, b: Origin): boolean {
  if (a.asked !== b.asked) return a.asked > b.asked
  return a.counter !== b.counter ? a.counter > b.counter : a.master > b.master
}
