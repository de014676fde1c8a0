import type { ImageId, SharingId } from '../base/ids.ts'
import { MAX_SEALED_RECORD_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { bytes, image, listOf, sharing } from '../codec/shapes.ts'
import { ENVELOPE_BYTES, MAX_ITEMS, MAX_RECORDS_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'

/** Which sealed records are wanted: of these sharings. */
export interface GetRecordsRequest {
  readonly wanted: readonly { readonly image: ImageId; readonly sharing: SharingId }[]
}

/** A sealed record as a slave keeps it. */
export interface SealedRecord {
  readonly image: ImageId
  readonly sharing: SharingId
  readonly sealed: Uint8Array
}

/** Those that are kept, in the order in which they were asked for, as many as one message carries. */
export interface GetRecordsAnswer {
  readonly records: readonly SealedRecord[]
}

/** Master -> slave: the sealed records that lie beside its shadows; `list-shadows` says beside which. */
export const getRecords: Protocol<GetRecordsRequest, GetRecordsAnswer> = Object.freeze({
  id: '/sfmedir/get-records/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_ITEMS * 64 + ENVELOPE_BYTES,
  maxAnswerBytes: MAX_RECORDS_BYTES,
  timeoutMs: 30_000,
  ratePerSecond: 200,
  stream: 'own' as const,
  request: codec(fields({ wanted: listOf(fields({ image, sharing }), MAX_ITEMS, 1) })),
  answer: codec(
    fields({ records: listOf(fields({ image, sharing, sealed: bytes(1, MAX_SEALED_RECORD_BYTES) }), MAX_ITEMS) })
  )
})
