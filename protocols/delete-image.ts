import type { ImageId } from '../base/ids.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bytes, image, whole } from '../codec/shapes.ts'

/** The owner's signed wish that an image be gone. */
export interface DeleteImageRequest {
  readonly image: ImageId
  /** When the owner asked, ms since 1970. */
  readonly time: number
  /** Ed25519 by the owner over image and time, 64 bytes. */
  readonly ownerSignature: Uint8Array
}

/** Sent once the tombstone is on stable storage. */
export interface DeleteImageAnswer {
  /** Masters that hold the tombstone. */
  readonly masters: number
}

/** Owner -> master: delete an image; its record becomes a tombstone and its shadows are dropped. */
export const deleteImage: Protocol<DeleteImageRequest, DeleteImageAnswer> = Object.freeze({
  id: '/sfmedir/delete-image/1.0.0',
  callers: Object.freeze(['owner'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 30_000,
  ratePerSecond: 100,
  stream: 'shared' as const,
  request: codec(fields({ image, time: whole(), ownerSignature: bytes(64, 64) })),
  answer: codec(fields({ masters: whole(1, 10_000) }))
})
