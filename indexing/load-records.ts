import { isNetError, NetError } from '../base/errors.ts'
import type { ImageId } from '../base/ids.ts'
import type { SyncedLevel } from '../base/synced-level.ts'
import { CodeIndex } from './code-index.ts'
import { DigestTree } from './digest-tree.ts'
import {
  CHANGE_KEYS,
  changeKey,
  RECORD_KEYS,
  readChange,
  readHead,
  readSummary,
  recordKey,
  SUMMARY_KEY,
  type Summary
} from './record-value.ts'

const PAGE = 1000

/** What a record store keeps in memory. */
export interface LoadedRecords {
  readonly codes: CodeIndex
  readonly digests: DigestTree
  readonly summary: Summary
}

/**
 * Read every value once: load the codes, and check that every record is sound, has its change, and that none is missing.
 * @throws NetError `STORE_CORRUPT` with the number of damaged and missing records
 */
export async function loadRecords(level: SyncedLevel): Promise<LoadedRecords> {
  try {
    return await readAll(level)
  } catch (error) {
    // Level itself met a damaged block, and told nothing of what lies in it.
    if (isNetError(error, 'STORE_CORRUPT') && error.detail.damaged === undefined) {
      throw corrupt(Math.max(1, await countUnreadable(level)), error)
    }
    throw error
  }
}

async function readAll(level: SyncedLevel): Promise<LoadedRecords> {
  const value = await level.get(SUMMARY_KEY)
  const summary = value === undefined ? { count: 0, lastSequence: 0 } : readSummary(value)
  if (summary === undefined) throw corrupt(1)
  const codes = new CodeIndex()
  const digests = new DigestTree()
  const records = { count: 0, damaged: 0, mark: 0 }
  for await (const page of level.pages(RECORD_KEYS, PAGE)) {
    for (const [key, value] of page) {
      const head = readHead(key, value)
      records.count++
      if (head === undefined) records.damaged++
      else {
        records.mark += markOf(head.sequence, head.id)
        if (head.coded !== undefined) codes.add(head.coded)
        digests.replace(head.id, undefined, head.encoded)
      }
    }
  }
  const changes = await readChanges(level)
  const missing = Math.abs(summary.count - records.count)
  const unlisted = Math.max(changes.damaged, Math.abs(changes.count - records.count))
  const damaged = Math.max(records.damaged + missing, unlisted)
  if (damaged > 0) throw corrupt(damaged)
  // As many of each, all sound, and yet not of each other: a change leads to a record that stands at another.
  if (records.mark !== changes.mark) throw corrupt(1)
  return { codes, digests, summary }
}

async function countUnreadable(level: SyncedLevel): Promise<number> {
  let unreadable = 0
  try {
    for await (const page of level.pages(CHANGE_KEYS, PAGE)) {
      for (const [key, value] of page) {
        const image = readChange(key, value)?.image
        if (image === undefined || !(await isReadable(level, recordKey(image)))) unreadable++
      }
    }
  } catch {
    unreadable++ // the changes are damaged too; those from here on cannot be counted
  }
  return unreadable
}

async function isReadable(level: SyncedLevel, key: string): Promise<boolean> {
  try {
    const value = await level.get(key)
    return value !== undefined && readHead(key, value) !== undefined
  } catch {
    return false
  }
}

async function readChanges(level: SyncedLevel): Promise<{ count: number; damaged: number; mark: number }> {
  const changes = { count: 0, damaged: 0, mark: 0 }
  for await (const page of level.pages(CHANGE_KEYS, PAGE)) {
    for (const [key, value] of page) {
      const change = readChange(key, value)
      changes.count++
      if (change === undefined) changes.damaged++
      else changes.mark += markOf(change.sequence, change.image)
    }
  }
  return changes
}

/** A number that depends on sequence and image; the sum of all is the same from both sides (exact below 2^53). */
function markOf(sequence: number, image: ImageId): number {
  return (Number.parseInt(image.slice(0, 8), 16) ^ Number(changeKey(sequence).slice(-9))) >>> 0
}

function corrupt(damaged: number, cause?: unknown): NetError {
  const message = `${damaged} records of the index are damaged or missing`
  return new NetError('STORE_CORRUPT', message, { detail: { damaged }, cause })
}
