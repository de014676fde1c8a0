import { sha256Hex } from '../../base/bytes.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { Roster } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { decodedRecord, type EncodedRecord } from '../../indexing/encoded-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { supersedes } from '../../indexing/supersedes.ts'
import { MAX_ITEMS, MAX_RECORDS_BYTES } from '../../protocols/limits.ts'
import type { PulledRecords, PullRecords } from '../../protocols/sync-records.ts'
import { signKept } from '../proofs/sign-proof.ts'
import { verifyRecord, verifyRecordLater } from '../proofs/verify-record.ts'

/** What taking records needs. */
export interface TakePorts {
  readonly records: RecordStore
  readonly signer: Signer
  readonly roster: Roster
}

const REFUSALS = ['MESSAGE_INVALID', 'SIGNATURE_INVALID', 'NOT_PERMITTED', 'PROOF_INVALID'] as const
const AT_ONCE = 250 // records verified together: more would only wait, and hold up what else threads are for
const ROOM_BYTES = 64 * 1024 // for the envelope of a batch

/**
 * Verify and keep those of another master's records that supersede what is held; resolves to how many did, once they are
 * on stable storage.
 * @throws NetError as {@link verifyRecord}; then none of them was kept
 */
export async function takeRecords(given: readonly EncodedRecord[], ports: TakePorts): Promise<number> {
  const held = await ports.records.getMany(given.map(({ record }) => record.id))
  const fresh = given.filter((each, at) => isFresh(each, held[at]))
  for (const each of fresh) verifyRecord(each, ports)
  const taken = await Promise.all(fresh.map(each => ports.records.put(each))) // together they share a sync
  return taken.filter(Boolean).length
}

/**
 * Keep those of another master's records that decode, pass `isAsked`, verify and supersede what is held; one that does not
 * keeps no other out. Resolves, once they are on stable storage, to how many were taken, and refused by error code.
 */
export async function takeGood(
  given: readonly Uint8Array[],
  isAsked: (record: EncodedRecord) => boolean,
  ports: TakePorts
): Promise<{ readonly taken: number; readonly refused: ReadonlyMap<string, number> }> {
  const refused = new Map<string, number>()
  const good = async <T>(work: () => T | Promise<T>): Promise<T[]> => {
    try {
      return [await work()]
    } catch (error) {
      if (!isNetError(error, ...REFUSALS)) throw error
      refused.set(error.code, (refused.get(error.code) ?? 0) + 1)
      return []
    }
  }
  let taken = 0
  for (let at = 0; at < given.length; at += AT_ONCE) {
    const some = given.slice(at, at + AT_ONCE)
    const asked = await Promise.all(some.map(each => good(() => checkAsked(decodedRecord(each), isAsked)))).then(flat)
    const held = await ports.records.getMany(asked.map(({ record }) => record.id))
    const fresh = asked.filter((each, which) => isFresh(each, held[which]))
    const sound = await Promise.all(fresh.map(each => good(() => verified(each, ports)))).then(flat)
    const put = await Promise.all(sound.map(each => ports.records.put(each))) // together they share a sync
    taken += put.filter(Boolean).length
  }
  return { taken, refused }
}

function checkAsked(record: EncodedRecord, isAsked: (record: EncodedRecord) => boolean): EncodedRecord {
  if (isAsked(record)) return record
  throw new NetError('MESSAGE_INVALID', 'a record that was not asked for')
}

async function verified(record: EncodedRecord, ports: TakePorts): Promise<EncodedRecord> {
  await verifyRecordLater(record, ports)
  return record
}

function flat<T>(lists: readonly (readonly T[])[]): T[] {
  return lists.flat()
}

/** Nothing is to be verified of what would change nothing. */
function isFresh(record: EncodedRecord, held: EncodedRecord | undefined): boolean {
  return held === undefined || supersedes(record, held)
}

/** This master's word, for each of these records, that it or one that supersedes it is on stable storage here. */
export function keptOf(given: readonly EncodedRecord[], { signer }: Pick<TakePorts, 'signer'>): Uint8Array[] {
  return given.map(({ encoded }) => signKept(sha256Hex(encoded), signer))
}

/** This master's changes after the asked one, as many as one message carries. */
export async function giveChanges({ after, limit }: PullRecords, records: RecordStore): Promise<PulledRecords> {
  const given: { sequence: number; record: Uint8Array }[] = []
  let bytes = ROOM_BYTES
  for (const { sequence, encoded } of await records.changes(after, Math.min(limit, MAX_ITEMS))) {
    bytes += encoded.length + 32
    if (bytes > MAX_RECORDS_BYTES) break
    given.push({ sequence, record: encoded })
  }
  return { records: given, last: records.lastSequence }
}
