import type { Roster } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { encodeRecord } from '../../indexing/encode-record.ts'
import { type ImageRecord, supersedes } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { MAX_ITEMS, MAX_RECORDS_BYTES } from '../../protocols/limits.ts'
import type { PulledRecords, PullRecords } from '../../protocols/sync-records.ts'
import { verifyRecord } from './verify-record.ts'

/** What taking records needs. */
export interface TakePorts {
  readonly records: RecordStore
  readonly signer: Signer
  readonly roster: Roster
}

const ROOM_BYTES = 64 * 1024 // for the envelope of a batch

/**
 * Verify and keep those of another master's records that supersede what is held; resolves to how many did, once they are
 * on stable storage.
 * @throws NetError `SIGNATURE_INVALID`, `NOT_PERMITTED`; then none of them was kept
 */
export async function takeRecords(records: readonly ImageRecord[], ports: TakePorts): Promise<number> {
  const fresh: ImageRecord[] = []
  for (const record of records) {
    const held = await ports.records.get(record.image)
    if (held !== undefined && !supersedes(record, held)) continue // nothing to verify: nothing would change
    verifyRecord(record, ports)
    fresh.push(record)
  }
  let taken = 0
  for (const record of fresh) if (await ports.records.put(record)) taken++
  return taken
}

/** This master's changes after the asked one, as many as one message carries. */
export async function giveChanges({ after, limit }: PullRecords, records: RecordStore): Promise<PulledRecords> {
  const given: { sequence: number; record: Uint8Array }[] = []
  let bytes = ROOM_BYTES
  for (const { sequence, record } of await records.changes(after, Math.min(limit, MAX_ITEMS))) {
    const encoded = encodeRecord(record)
    bytes += encoded.length + 32
    if (bytes > MAX_RECORDS_BYTES) break
    given.push({ sequence, record: encoded })
  }
  return { records: given, last: records.lastSequence }
}
