import { compare } from 'uint8arrays/compare'
import type { ImageId, PeerId, SharingId, ShadowNumber } from '../base/ids.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'

/** Where one shadow of an image lies. */
export interface Holder {
  readonly slave: PeerId
  readonly number: ShadowNumber
  /** SHA-256 of the shadow, hex. */
  readonly digest: string
}

/** Orders the versions of a record: higher counter wins, then the higher master id. */
export interface RecordVersion {
  readonly counter: number
  readonly master: PeerId
}

/** What the owner says of an image, under its signature; masters cannot read `code`'s meaning nor `metadata`. */
export interface ImageClaim {
  readonly id: ImageId
  readonly owner: PeerId
  readonly space: CodeSpace
  /** The masked code: pi(code) xor mask. `space.bits` / 8 bytes. */
  readonly code: Uint8Array
  /** Size of the encrypted image in bytes. */
  readonly size: number
  /** Name, type and labels, sealed by the owner. */
  readonly metadata: Uint8Array
  /** Ed25519 by the owner over the canonical encoding of all fields above. */
  readonly ownerSignature: Uint8Array
}

/** How and where an image is kept, decided by a master. */
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

/** One line of the masters' index: an image that is stored, or the tombstone of one that was deleted. */
export interface ImageRecord {
  readonly id: ImageId
  readonly version: RecordVersion
  /** When the version was made, ms since 1970 by its master's clock. */
  readonly time: number
  /** Undefined once deleted: a tombstone says that the image is gone, and wins over its record. */
  readonly stored: { readonly claim: ImageClaim; readonly placement: Placement } | undefined
  /** Ed25519 by `version.master` over the canonical encoding of all fields above. */
  readonly masterSignature: Uint8Array
}

/** Whether version `a` is newer than `b`. */
export function isNewer(a: RecordVersion, b: RecordVersion): boolean {
  return a.counter !== b.counter ? a.counter > b.counter : a.master > b.master
}

/**
 * Whether record `a` replaces `b` of the same image: a tombstone wins over a record, else the newer version. A master that
 * was asked twice at once, or died between telling and keeping, may have made two records of one version: the later one
 * wins, then the one with the larger signature, so that all masters end with the same.
 */
export function supersedes(a: ImageRecord, b: ImageRecord): boolean {
  const aGone = a.stored === undefined
  const bGone = b.stored === undefined
  if (aGone !== bGone) return aGone
  if (a.version.counter !== b.version.counter || a.version.master !== b.version.master) {
    return isNewer(a.version, b.version)
  }
  return a.time !== b.time ? a.time > b.time : compare(a.masterSignature, b.masterSignature) > 0
}
