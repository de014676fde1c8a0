import type { AbortOptions } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { PutImageAnswer } from '../../protocols/put-image.ts'
import type { Replicator } from '../replication/replicate.ts'
import type { RecordsBeside } from './records-beside.ts'

/** What keeping a record needs. */
export interface KeepRecordPorts {
  readonly records: RecordStore
  readonly replicator: Replicator
  readonly beside: RecordsBeside
  /** Fires when the master stops. */
  readonly stopping: AbortSignal
}

/**
 * Keep the record of a placement so that no single disk can lose it: at two masters; or, where no other one keeps it, here
 * and, sealed, beside every one of its shadows. In the first case slaves keep it too, after the answer.
 * @throws NetError `NOT_ENOUGH_MASTERS` when neither came about; its detail `unsure` is never 0: somebody may have kept it
 */
export async function keepRecord(
  record: EncodedRecord,
  { records, replicator, beside, stopping, signal }: KeepRecordPorts & AbortOptions
): Promise<PutImageAnswer> {
  const others = replicator.others().length
  if (others > 0 && (await replicator.reachesEnough())) {
    try {
      const kept = await replicator.commit(record, { signal })
      void beside.putAll(record, { signal: stopping })
      return { record: record.encoded, kept }
    } catch (error) {
      if (!isNetError(error, 'NOT_ENOUGH_MASTERS')) throw error
    }
  }
  signal?.throwIfAborted()
  // The index first: what it names is never given up, and slaves are told of nothing that could still be.
  await records.put(record)
  const { digest, notes } = await beside.putAll(record, { signal })
  const kept = [replicator.ownWord(record)]
  const total = record.record.stored?.placement.total ?? 0
  if (others === 0 || notes.length === total) return { record: record.encoded, kept, beside: { digest, notes } }
  const have = `1 master and ${notes.length} of ${total} slaves keep the record`
  throw new NetError('NOT_ENOUGH_MASTERS', `${have}: 2 masters are needed, or 1 and all ${total} slaves`, {
    detail: { have: 1, need: 2, notes: notes.length, total, unsure: 1 }
  })
}
