import type { LevelChange, SyncedLevel } from '../base/synced-level.ts'
import { readSealed, recordKey, trashedRecordKey } from './sealed-values.ts'
import { entryChange, trashChanges } from './shadow-metadata.ts'
import type { ShadowEntry, TrashedShadow } from './shadow-store.ts'

/** What an area holds, and of what it has metadata alone, by sharing. */
export interface Settled<E> {
  readonly held: Map<string, E>
  readonly lost: Map<string, E>
}

/**
 * Let records follow their shadows: where a move was killed between file and metadata the record comes after; where a shadow
 * is lost its record goes.
 */
export async function settleRecords(
  level: SyncedLevel,
  { live, trash }: { readonly live: Settled<ShadowEntry>; readonly trash: Settled<TrashedShadow> }
): Promise<void> {
  const changes: LevelChange[] = []
  for (const [key, { record, ...lost }] of live.lost) {
    if (record === undefined) continue
    const found = trash.held.get(key)
    const sealed = await readSealed(level, recordKey(lost), record)
    changes.push({ type: 'del', key: recordKey(lost) })
    if (found?.digest !== lost.digest || found.record !== undefined || sealed === undefined) continue
    const entry = { ...found, record }
    trash.held.set(key, entry)
    changes.push({ type: 'put', key: trashedRecordKey(lost), value: sealed }, ...trashChanges(entry))
  }
  for (const [key, { record, ...lost }] of trash.lost) {
    if (record === undefined) continue
    const found = live.held.get(key)
    const sealed = await readSealed(level, trashedRecordKey(lost), record)
    if (!trash.held.has(key)) changes.push({ type: 'del', key: trashedRecordKey(lost) })
    if (found?.digest !== lost.digest || found.record !== undefined || sealed === undefined) continue
    const entry = { ...found, record }
    live.held.set(key, entry)
    changes.push({ type: 'put', key: recordKey(lost), value: sealed }, entryChange(entry))
  }
  if (changes.length > 0) await level.commit(changes)
}
