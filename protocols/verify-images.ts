import type { ImageId, PeerId, ShadowNumber } from '../base/ids.ts'
import { codec, invalid } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { bool, checked, image, listOf, number, peer, text, whole } from '../codec/shapes.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import { type ImageState, imageState } from './list-records.ts'
import type { Protocol } from './network.ts'

/** What is wrong with a shadow: its slave says that it has it not, has other bytes, or does not answer. */
export const SHADOW_FAULTS = Object.freeze(['missing', 'wrong', 'silent'] as const)

/** One of {@link SHADOW_FAULTS}. */
export type ShadowFault = (typeof SHADOW_FAULTS)[number]

/** The next stored images in the order of their ids, to be judged now. */
export interface VerifyImagesRequest {
  /** Only images after this one; from the first when left out. */
  readonly after?: ImageId
  /** Only images of this owner. */
  readonly owner?: PeerId
  /** 1 to 100. */
  readonly limit: number
  /** Every slave has to prove each of its shadows, instead of listing it. */
  readonly deep: boolean
}

/** How one image stands, by what its slaves answered just now. */
export interface VerifiedImage {
  readonly image: ImageId
  readonly state: ImageState
  /** s: shadows that it has when it is healthy. */
  readonly total: number
  /** Its shadows that are not there, whole. */
  readonly faults: readonly { readonly slave: PeerId; readonly number: ShadowNumber; readonly fault: ShadowFault }[]
}

/** A page in the order of image ids. */
export interface VerifyImagesAnswer {
  readonly images: readonly VerifiedImage[]
  /** Where to go on after; absent when there is nothing further. A page may be short, even empty, and not be the last. */
  readonly next?: ImageId
}

/** Most images that are judged for one request. */
export const MAX_VERIFIED = 100
const MAX_SHADOWS = 255
const fault = checked(text(1, 16), value => {
  const found = SHADOW_FAULTS.find(known => known === value)
  if (found === undefined) throw invalid('a fault that does not exist')
  return found
})
const verified = fields({
  image,
  state: imageState,
  total: whole(1, MAX_SHADOWS),
  faults: listOf(fields({ slave: peer, number, fault }), MAX_SHADOWS)
})

/** Owner, user, master -> master: judge the stored images now, by asking every slave that should hold a shadow of them. */
export const verifyImages: Protocol<VerifyImagesRequest, VerifyImagesAnswer> = Object.freeze({
  id: '/sfmedir/verify-images/1.0.0',
  callers: Object.freeze(['owner', 'user', 'master'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_VERIFIED * (MAX_SHADOWS * 128 + 128) + ENVELOPE_BYTES,
  timeoutMs: 60_000, // a page ends after 20 s, and waits for its turn
  ratePerSecond: 5,
  stream: 'own' as const,
  request: codec(fields({ after: optional(image), owner: optional(peer), limit: whole(1, MAX_VERIFIED), deep: bool })),
  answer: codec(fields({ images: listOf(verified, MAX_VERIFIED), next: optional(image) }))
})
