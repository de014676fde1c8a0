import type { ImageId } from '../base/ids.ts'
import type { LevelChange, SyncedLevel } from '../base/synced-level.ts'
import {
  CHANGE_KEYS,
  changeKey,
  RECORD_KEYS,
  readChange,
  readHead,
  readSummary,
  recordKey,
  SUMMARY_KEY,
  writeChange,
  writeSummary
} from './record-value.ts'

const PAGE = 1000
const ASIDE = 'x/' // before the id of an image whose record is damaged

/**
 * Set every damaged record aside, and make changes and summary anew for those that are sound. What is set aside stays in the
 * folder, and is no longer part of the index. Resolves to how many records are missing now that were there.
 * @throws NetError `STORE_CORRUPT` when Level itself cannot read its files
 */
export async function mendRecords(level: SyncedLevel): Promise<number> {
  const was = await level.get(SUMMARY_KEY)
  const summary = was && readSummary(was)
  const listed = await dropFalseChanges(level)
  const sound = await keepSound(level)
  const lastSequence = Math.max(sound.last, listed.last, summary?.lastSequence ?? 0)
  const change = { count: sound.count, lastSequence }
  await level.commit([{ type: 'put', key: SUMMARY_KEY, value: writeSummary(change) }])
  return Math.max(sound.aside, (summary?.count ?? 0) - sound.count, listed.count - sound.count)
}

/** Records that are not sound go aside, the others get their change. */
async function keepSound(level: SyncedLevel): Promise<{ count: number; aside: number; last: number }> {
  const found = { count: 0, aside: 0, last: 0 }
  for await (const page of level.pages(RECORD_KEYS, PAGE)) {
    const changes: LevelChange[] = []
    for (const [key, value] of page) {
      const head = readHead(key, value)
      if (head === undefined) {
        found.aside++
        const id = key.slice(RECORD_KEYS.gte.length)
        changes.push({ type: 'put', key: ASIDE + id, value: value.slice() }, { type: 'del', key })
        continue
      }
      found.count++
      found.last = Math.max(found.last, head.sequence)
      changes.push({ type: 'put', key: changeKey(head.sequence), value: writeChange(head.sequence, head.id) })
    }
    await level.commit(changes)
  }
  return found
}

/** Take out changes that lead to no record of theirs. */
async function dropFalseChanges(level: SyncedLevel): Promise<{ count: number; last: number }> {
  const listed = { count: 0, last: 0 }
  for await (const page of level.pages(CHANGE_KEYS, PAGE)) {
    const read = page.map(([key, value]) => ({ key, change: readChange(key, value) }))
    const keys = read.map(({ change }) => recordKey(change?.image ?? ('' as ImageId)))
    const values = await level.getMany(keys)
    const gone = read.filter(({ change }, at) => {
      const value = values[at]
      if (change !== undefined) listed.last = Math.max(listed.last, change.sequence)
      return value === undefined || readHead(keys[at], value)?.sequence !== change?.sequence
    })
    listed.count += page.length
    if (gone.length > 0) await level.commit(gone.map(({ key }) => ({ type: 'del', key })))
  }
  return listed
}
