import { MAX_RECORD_BYTES } from '../base/limits.ts'
import { codec, eitherCodec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { MAX_ITEMS, MAX_RECORDS_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bytes, listOf, whole } from '../codec/shapes.ts'

/** Records that another master should take: encoded ImageRecords. */
interface PushRecords {
  readonly push: readonly Uint8Array[]
}

/** The other master's changes after its `after`-th, at most `limit` (1 to 1000). */
export interface PullRecords {
  readonly after: number
  readonly limit: number
}

/** How many of the pushed records superseded what was held; all of them are on stable storage or older. */
interface PushedRecords {
  readonly taken: number
  /** For each pushed record, in order: Ed25519 over its `Kept`. */
  readonly kept: readonly Uint8Array[]
}

/** An encoded ImageRecord with its place in the sender's order of arrival. */
interface SequencedRecord {
  readonly sequence: number
  readonly record: Uint8Array
}

/** Changes in order. When the last one is below `last`, ask again after it. */
export interface PulledRecords {
  readonly records: readonly SequencedRecord[]
  /** Sequence of the sender's last change. */
  readonly last: number
}

/** Push records, or pull them. */
export type SyncRecordsRequest = PushRecords | PullRecords
/** To a push, {@link PushedRecords}; to a pull, {@link PulledRecords}. */
export type SyncRecordsAnswer = PushedRecords | PulledRecords

const record = bytes(1, MAX_RECORD_BYTES)
const sequenced = fields({ sequence: whole(1), record })

/** Master <-> master: exchange index records. */
export const syncRecords: Protocol<SyncRecordsRequest, SyncRecordsAnswer> = Object.freeze({
  id: '/sfmedir/sync-records/2.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_RECORDS_BYTES,
  maxAnswerBytes: MAX_RECORDS_BYTES,
  timeoutMs: 30_000,
  ratePerSecond: 1000,
  stream: 'own' as const,
  request: eitherCodec<PushRecords, PullRecords>(
    codec(fields({ push: listOf(record, MAX_ITEMS) })),
    codec(fields({ after: whole(), limit: whole(1, MAX_ITEMS) })),
    value => 'push' in value
  ),
  answer: eitherCodec<PushedRecords, PulledRecords>(
    codec(fields({ taken: whole(0, MAX_ITEMS), kept: listOf(bytes(64, 64), MAX_ITEMS) })),
    codec(fields({ records: listOf(sequenced, MAX_ITEMS), last: whole() })),
    value => 'taken' in value
  )
})
