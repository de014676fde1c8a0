import type { ImageId, SharingId, ShadowNumber } from '../base/ids.ts'
import type { Random } from '../base/random.ts'
import type { Split } from './split.ts'

/** How an encrypted image is to be split: r from 2, s from r to 255. */
export interface SharingPlan extends Split {
  readonly image: ImageId
  /** Fresh for every split: a shadow of an older sharing never passes for one of this. */
  readonly sharing: SharingId
  /** The masters' MAC key, 32 bytes. */
  readonly macKey: Uint8Array
}

/** What an image is rebuilt by. */
export interface RebuildPlan extends Pick<SharingPlan, 'image' | 'sharing' | 'threshold'> {
  /** Bytes of the encrypted image, as its claim says: a whole number. */
  readonly size: number
  /** SHA-256 of the encrypted image, 64 lower-case hex digits. */
  readonly digest: string
}

/** What a shadow must prove to be. */
export interface ShadowClaim {
  readonly image: ImageId
  readonly sharing: SharingId
  readonly number: ShadowNumber
  readonly macKey: Uint8Array
}

/** A shadow that was found whole and to be what it claims; what else is in it is for its scheme to read. */
export type OpenedShadow = Omit<ShadowClaim, 'macKey'>

/**
 * Splits an encrypted image into s shadows of which any r rebuild it bit for bit (DynamicShadowsGen, ImgReconstruct).
 * A shadow carries its image id, sharing id and number under a MAC. What it says of r is its length: whoever knows the
 * image's size, or sees many images of one size, learns r from that; its other bytes tell nothing of it.
 */
export interface ShadowScheme {
  /** The name in configuration and in records. */
  readonly name: string
  /** Largest threshold this scheme accepts. */
  readonly maxThreshold: number
  /** The s shadows, number 1 first. @throws RangeError when the plan's numbers are out of range */
  make(encrypted: Uint8Array, plan: SharingPlan & { readonly random: Random }): Uint8Array[]
  /**
   * A shadow, once its form, MAC and claimed identity are right; no copy is made.
   * @throws NetError `SHADOW_CORRUPT`
   * @throws RangeError when the MAC key is not 32 bytes
   */
  open(shadow: Uint8Array, claim: ShadowClaim): OpenedShadow
  /**
   * The encrypted image from `threshold` or more shadows that this scheme opened, in any order; those of another image
   * or sharing, or too long or short for the size, are left aside, repeated numbers count once.
   * @throws NetError `NOT_ENOUGH_SHADOWS` when fewer than `threshold` good ones remain, `IMAGE_CORRUPT` when the
   *   rebuilt bytes do not have the digest
   */
  rebuild(shadows: readonly OpenedShadow[], plan: RebuildPlan): Uint8Array
}
