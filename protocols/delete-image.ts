import type { ImageId, PeerId } from '../base/ids.ts'
import { codec, eitherCodec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { bytes, digest, image } from '../codec/shapes.ts'
import { KEPT, MAX_KEPT } from './kept.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'

/** What is needed to delete this image? */
interface AskDigest {
  readonly image: ImageId
}

/** The owner's signed wish that an image be gone: its encoded Deletion. */
interface SendDeletion {
  readonly deletion: Uint8Array
}

/** SHA-256 of the encrypted image, hex: with the owner it gives the id, so nobody has to believe it. */
interface ImageDigest {
  readonly digest: string
}

/** Sent once the tombstone is on stable storage. */
interface Deleted {
  /** Who signed that it keeps the tombstone of that deletion, or one that supersedes it. */
  readonly kept: readonly { readonly master: PeerId; readonly signature: Uint8Array }[]
}

/** What an owner asks, or asks for. */
export type DeleteImageRequest = AskDigest | SendDeletion
/** To an image, its digest; to a deletion, proof that it is known. */
export type DeleteImageAnswer = ImageDigest | Deleted

const MAX_DELETION_BYTES = 512

/** Owner -> master: delete an image; its record becomes a tombstone and its shadows are dropped. */
export const deleteImage: Protocol<DeleteImageRequest, DeleteImageAnswer> = Object.freeze({
  id: '/sfmedir/delete-image/2.0.0',
  callers: Object.freeze(['owner'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_KEPT * 192 + ENVELOPE_BYTES,
  timeoutMs: 30_000,
  ratePerSecond: 200, // two questions a deletion
  stream: 'shared' as const,
  request: eitherCodec<AskDigest, SendDeletion>(
    codec(fields({ image })),
    codec(fields({ deletion: bytes(1, MAX_DELETION_BYTES) })),
    value => 'image' in value
  ),
  answer: eitherCodec<ImageDigest, Deleted>(
    codec(fields({ digest })),
    codec(fields({ kept: KEPT })),
    value => 'digest' in value
  )
})
