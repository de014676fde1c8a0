import { MAX_RECORD_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { bytes } from '../codec/shapes.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'

/** A sharing anew that waits for a second master's word. */
export interface CosignRecordRequest {
  /** The encoded ImageRecord as it will be, but with nothing in the second master's place; signed by the caller. */
  readonly record: Uint8Array
}

/** The word of a master that rebuilt the image from the new shadows. */
export interface CosignRecordAnswer {
  /** Ed25519 over the `Cosign` of that record and the answering master. */
  readonly signature: Uint8Array
}

/** Master -> master: rebuild an image from its new shadows, all of them, and sign that they give it. */
export const cosignRecord: Protocol<CosignRecordRequest, CosignRecordAnswer> = Object.freeze({
  id: '/sfmedir/cosign-record/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_RECORD_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 300_000, // as get-image: 256 MiB are gathered and rebuilt
  ratePerSecond: 50,
  stream: 'shared' as const,
  request: codec(fields({ record: bytes(1, MAX_RECORD_BYTES) })),
  answer: codec(fields({ signature: bytes(64, 64) }))
})
