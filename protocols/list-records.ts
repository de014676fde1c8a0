import type { ImageId, PeerId } from '../base/ids.ts'
import { codec, invalid, type Shape } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { bytes, checked, image, listOf, peer, text, whole } from '../codec/shapes.ts'
import { ENVELOPE_BYTES, MAX_CLAIM_BYTES, MAX_ITEMS } from './limits.ts'
import type { Protocol } from './network.ts'

/** How an image stands: all s holders have their shadow, at least r have, or fewer; or nobody knows what r is. */
export const IMAGE_STATES = Object.freeze(['healthy', 'degraded', 'unreadable'] as const)

/** One of {@link IMAGE_STATES}. */
export type ImageState = (typeof IMAGE_STATES)[number]

/** The next stored images in the order of their ids. */
export interface ListRecordsRequest {
  /** Only images after this one; from the first when left out. */
  readonly after?: ImageId
  /** Only images of this owner. */
  readonly owner?: PeerId
  /** 1 to 1000. */
  readonly limit: number
}

/** What a master says of one stored image. */
export interface ListedRecord {
  /** The owner's encoded, signed claim: the listing's only part that nobody has to believe. */
  readonly claim: Uint8Array
  /** As this master sees the image's holders now. */
  readonly state: ImageState
}

/** A page in the order of image ids. */
export interface ListRecordsAnswer {
  readonly records: readonly ListedRecord[]
  /** Where to go on after; absent when there is nothing further. A page may be short, even empty, and not be the last. */
  readonly next?: ImageId
}

/** The shape of an {@link ImageState}. */
export const imageState: Shape<ImageState> = checked(text(1, 16), value => {
  const found = IMAGE_STATES.find(known => known === value)
  if (found === undefined) throw invalid('a state that does not exist')
  return found
})

/** Owner, user -> master: page through the stored images. */
export const listRecords: Protocol<ListRecordsRequest, ListRecordsAnswer> = Object.freeze({
  id: '/sfmedir/list-records/1.0.0',
  callers: Object.freeze(['owner', 'user'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_ITEMS * (MAX_CLAIM_BYTES + 128) + ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 5, // a page of a thousand takes a master some 100 ms, and who reads it longer
  stream: 'own' as const,
  request: codec(fields({ after: optional(image), owner: optional(peer), limit: whole(1, MAX_ITEMS) })),
  answer: codec(
    fields({
      records: listOf(fields({ claim: bytes(1, MAX_CLAIM_BYTES), state: imageState }), MAX_ITEMS),
      next: optional(image)
    })
  )
})
