import type { ImageId, SharingId, ShadowNumber } from '../base/ids.ts'
import type { Random } from '../base/random.ts'

/** How an encrypted image is to be split. */
export interface SharingPlan {
  readonly image: ImageId
  /** Fresh for every split: a shadow of an older sharing never passes for one of this. */
  readonly sharing: SharingId
  /** r: how many shadows rebuild the image, 2 or more. */
  readonly threshold: number
  /** s: how many shadows are made, `threshold` to 255. */
  readonly total: number
  /** The masters' MAC key, 32 bytes. */
  readonly macKey: Uint8Array
}

/** What a shadow must prove to be. */
export interface ShadowClaim {
  readonly image: ImageId
  readonly sharing: SharingId
  readonly number: ShadowNumber
  readonly macKey: Uint8Array
}

/**
 * Splits an encrypted image into s shadows of which any r rebuild it bit for bit (DynamicShadowsGen, ImgReconstruct).
 * A shadow carries its image id, sharing id and number under a MAC, and never tells r.
 */
export interface ShadowScheme {
  /** The name in configuration and in records. */
  readonly name: string
  /** Largest threshold this scheme accepts. */
  readonly maxThreshold: number
  /** The s shadows, number 1 first. @throws RangeError when the plan's numbers are out of range */
  make(encrypted: Uint8Array, plan: SharingPlan & { readonly random: Random }): Uint8Array[]
  /** Check a shadow's form, MAC and claimed identity. @throws NetError `SHADOW_CORRUPT` */
  check(shadow: Uint8Array, claim: ShadowClaim): void
  /**
   * The encrypted image from `threshold` or more shadows of one sharing, in any order; shadows that fail their check
   * are left aside, repeated numbers count once.
   * @throws NetError `NOT_ENOUGH_SHADOWS` when fewer than `threshold` good ones remain, `IMAGE_CORRUPT` when the
   *   rebuilt bytes do not have the image's id
   */
  rebuild(shadows: readonly Uint8Array[], plan: Omit<SharingPlan, 'total'>): Uint8Array
}
