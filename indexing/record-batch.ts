import type { LevelChange } from '../base/synced-level.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { RecordChange } from './record-store.ts'
import {
  changeKey,
  recordKey,
  SUMMARY_KEY,
  type Summary,
  writeChange,
  writeRecord,
  writeSummary
} from './record-value.ts'

/** The latest record of an image, and what is held on disk; undefined when nothing is. */
export interface Latest {
  readonly latest: EncodedRecord
  readonly held: RecordChange | undefined
}

/** One batch for Level that puts records in the places of those held, and the summary that stands then. */
export function recordBatch(
  fresh: readonly Latest[],
  before: Summary
): { readonly changes: LevelChange[]; readonly summary: Summary } {
  const changes: LevelChange[] = []
  let { count, lastSequence } = before
  for (const { latest, held } of fresh) {
    const { id } = latest.record
    if (held === undefined) count++
    else changes.push({ type: 'del', key: changeKey(held.sequence) })
    const sequence = ++lastSequence
    changes.push({ type: 'put', key: changeKey(sequence), value: writeChange(sequence, id) })
    changes.push({ type: 'put', key: recordKey(id), value: writeRecord(latest, sequence) })
  }
  const summary = { count, lastSequence }
  changes.push({ type: 'put', key: SUMMARY_KEY, value: writeSummary(summary) })
  return { changes, summary }
}
