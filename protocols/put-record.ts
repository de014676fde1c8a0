import type { ImageId, PeerId, SharingId } from '../base/ids.ts'
import { MAX_SEALED_RECORD_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { bytes, image, instant, peer, sharing, whole } from '../codec/shapes.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'

/** The sealed record of a sharing, for a slave that holds a shadow of it. */
export interface PutRecordRequest {
  readonly image: ImageId
  readonly sharing: SharingId
  /** Of the sharing's origin, the time of the claim, the counter and the master that put the shadow. */
  readonly asked: number
  readonly counter: number
  readonly master: PeerId
  /** The record, sealed for masters: the slave cannot open it. */
  readonly sealed: Uint8Array
}

/** The slave's word that the sealed record is on stable storage. */
export interface PutRecordAnswer {
  /** Ed25519 by the slave over the `Note` of these bytes. */
  readonly note: Uint8Array
}

/**
 * Master -> slave: keep a sealed record beside the shadow of its sharing. The same bytes again change nothing; other bytes are
 * taken from the master that put the shadow, and from others only where there are none.
 */
export const putRecord: Protocol<PutRecordRequest, PutRecordAnswer> = Object.freeze({
  id: '/sfmedir/put-record/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_SEALED_RECORD_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 1000,
  stream: 'shared' as const,
  request: codec(
    fields({
      image,
      sharing,
      asked: instant,
      counter: whole(1),
      master: peer,
      sealed: bytes(1, MAX_SEALED_RECORD_BYTES)
    })
  ),
  answer: codec(fields({ note: bytes(64, 64) }))
})
