import { crc32 } from 'node:zlib'
import { NetError } from '../base/errors.ts'
import type { ImageId, PeerId } from '../base/ids.ts'
import type { IndexedClaim } from './code-index.ts'
import { recordDigest } from './digest-tree.ts'
import { decodedRecord, type EncodedRecord } from './encoded-record.ts'
import type { Cursor, HeldRecord, RecordChange } from './record-store.ts'

// What a LevelRecordStore writes. Every value starts with the CRC-32 (u32) of its key and of all after it; numbers are
// big-endian, ids and digests are bytes.
//   r/<image>     CRC, version 2, sequence u48, bits / 8 (0: tombstone)
//                 [, model 32, view 32, code, size u48, length of owner u8, owner], record as CBOR
//                 in version 1, which is read and no longer written, without size and owner
//   s/<sequence>  CRC, image 32                                  one for each r/, under the sequence that stands there
//   m             CRC, version 1, count of r/ u48, last sequence u48
//   i             CRC, version 1, incarnation 16                 drawn when the folder was made
//   c/<peer>      CRC, version 1, incarnation 16, sequence u48   up to where that master's changes are known here
//   x/<image>     what stood under r/ and was damaged, set aside
// What a start loads and counts stands before the record, so that it need not decode records (but those of version 1). Numbers and hex
// are read and written in place by Node's Buffer: a start reads them all.
const VERSION = 1
const RECORD_VERSION = 2
const CRC_BYTES = 4
const HEAD_BYTES = CRC_BYTES + 1 + 6 + 1
const DIGEST_BYTES = 32
const SIZE_BYTES = 6
const INCARNATION_BYTES = 16

/** Keys of all records. */
export const RECORD_KEYS = Object.freeze({ gte: 'r/', lt: 'r0' })
/** Keys of all changes. */
export const CHANGE_KEYS = Object.freeze({ gte: 's/', lt: 's0' })
/** Key of the summary. */
export const SUMMARY_KEY = 'm'
/** Key of the incarnation. */
export const INCARNATION_KEY = 'i'
/** Keys of cursors. */
export const CURSOR_KEYS = Object.freeze({ gte: 'c/', lt: 'c0' })

/** The key of an image's record. */
export function recordKey(id: ImageId): string {
  return `r/${id}`
}

/** The key of a change, in order of sequences. */
export function changeKey(sequence: number): string {
  return `s/${String(sequence).padStart(16, '0')}`
}

/** What stands in a record's value before the record itself. */
export interface RecordHead {
  readonly id: ImageId
  readonly sequence: number
  /** Undefined for a tombstone. */
  readonly coded: IndexedClaim | undefined
  /** The record itself. */
  readonly encoded: Uint8Array
}

/** The value of a record. */
export function writeRecord({ record, encoded }: EncodedRecord, sequence: number): Uint8Array {
  const claim = record.stored?.claim
  const parts = [Buffer.alloc(HEAD_BYTES)]
  parts[0][4] = RECORD_VERSION
  parts[0].writeUIntBE(sequence, 5, 6)
  parts[0][11] = claim === undefined ? 0 : claim.space.bits / 8
  if (claim !== undefined) {
    const size = Buffer.alloc(SIZE_BYTES + 1)
    size.writeUIntBE(claim.size, 0, SIZE_BYTES)
    size[SIZE_BYTES] = claim.owner.length
    parts.push(Buffer.from(claim.space.model, 'hex'), Buffer.from(claim.space.view, 'hex'), Buffer.from(claim.code))
    parts.push(size, Buffer.from(claim.owner))
  }
  return withChecksum(recordKey(record.id), Buffer.concat([...parts, encoded]))
}

/** The head of a record's value, or undefined when the value is damaged. */
export function readHead(key: string, value: Uint8Array): RecordHead | undefined {
  const buffer = checked(key, value)
  if (buffer === undefined || buffer.length < HEAD_BYTES || !isRecordVersion(buffer[4])) return undefined
  const id = key.slice(2) as ImageId // the check sum covers the key
  const planes = buffer[11]
  const sequence = buffer.readUIntBE(5, 6)
  if (planes === 0) return { id, sequence, coded: undefined, encoded: buffer.subarray(HEAD_BYTES) }
  const [view, code] = [HEAD_BYTES + DIGEST_BYTES, HEAD_BYTES + 2 * DIGEST_BYTES]
  const space = {
    model: buffer.toString('hex', HEAD_BYTES, view),
    view: buffer.toString('hex', view, code),
    bits: 8 * planes
  }
  if (buffer[4] === VERSION) {
    return {
      id,
      sequence,
      coded: readRecord(key, value).record.stored?.claim,
      encoded: buffer.subarray(recordAt(buffer))
    }
  }
  const after = code + planes
  if (buffer.length <= after + SIZE_BYTES) return undefined
  const owner = buffer.toString('latin1', after + SIZE_BYTES + 1, recordAt(buffer)) as PeerId // written from one
  const size = buffer.readUIntBE(after, SIZE_BYTES)
  const coded = { id, space, code: buffer.subarray(code, after), size, owner }
  return { id, sequence, coded, encoded: buffer.subarray(recordAt(buffer)) }
}

/** The record in a value, with its sequence. @throws NetError `STORE_CORRUPT` when the value is damaged */
export function readRecord(key: string, value: Uint8Array): RecordChange {
  const buffer = checked(key, value)
  if (buffer === undefined || buffer.length < HEAD_BYTES) {
    throw new NetError('STORE_CORRUPT', 'a record of the index is damaged')
  }
  const encoded = buffer.subarray(recordAt(buffer))
  return { sequence: buffer.readUIntBE(5, 6), ...decodedRecord(encoded) }
}

/** What comparing needs to know of the record in a value; undefined for one of version 1. @throws NetError `STORE_CORRUPT` */
export function readDigest(key: string, value: Uint8Array): HeldRecord | undefined {
  const head = readHead(key, value)
  if (head === undefined) throw new NetError('STORE_CORRUPT', 'a record of the index is damaged')
  const digest = recordDigest(head.encoded)
  return digest && { id: head.id, digest }
}

/** Where the record itself begins. */
function recordAt(value: Buffer): number {
  const planes = value[11]
  if (planes === 0) return HEAD_BYTES
  const after = HEAD_BYTES + 2 * DIGEST_BYTES + planes
  return value[4] === VERSION ? after : after + SIZE_BYTES + 1 + value[after + SIZE_BYTES]
}

function isRecordVersion(version: number): boolean {
  return version === VERSION || version === RECORD_VERSION
}

/** The value of a change. */
export function writeChange(sequence: number, image: ImageId): Uint8Array {
  const value = Buffer.alloc(CRC_BYTES + DIGEST_BYTES)
  value.write(image, CRC_BYTES, 'hex')
  return withChecksum(changeKey(sequence), value)
}

/** The change in a value, or undefined when it is damaged. */
export function readChange(key: string, value: Uint8Array): { sequence: number; image: ImageId } | undefined {
  const buffer = checked(key, value)
  if (buffer?.length !== CRC_BYTES + DIGEST_BYTES) return undefined
  return { sequence: Number(key.slice(2)), image: buffer.toString('hex', CRC_BYTES) as ImageId } // written from one
}

/** How many records there are, and the last sequence given: what a start checks that nothing is missing against. */
export interface Summary {
  readonly count: number
  readonly lastSequence: number
}

/** The value of a summary. */
export function writeSummary({ count, lastSequence }: Summary): Uint8Array {
  const value = Buffer.alloc(CRC_BYTES + 1 + 12)
  value[4] = VERSION
  value.writeUIntBE(count, 5, 6)
  value.writeUIntBE(lastSequence, 11, 6)
  return withChecksum(SUMMARY_KEY, value)
}

/** The summary in a value, or undefined when it is damaged. */
export function readSummary(value: Uint8Array): Summary | undefined {
  const buffer = checked(SUMMARY_KEY, value)
  if (buffer?.length !== CRC_BYTES + 13 || buffer[4] !== VERSION) return undefined
  return { count: buffer.readUIntBE(5, 6), lastSequence: buffer.readUIntBE(11, 6) }
}

/** The key of another master's cursor. */
export function cursorKey(master: PeerId): string {
  return `${CURSOR_KEYS.gte}${master}`
}

/** The value of a cursor, or of an incarnation when there is no sequence. */
export function writeCursor(
  key: string,
  { incarnation, sequence }: Omit<Cursor, 'sequence'> & Partial<Cursor>
): Uint8Array {
  const value = Buffer.alloc(CRC_BYTES + 1 + INCARNATION_BYTES + (sequence === undefined ? 0 : 6))
  value[4] = VERSION
  value.write(incarnation, CRC_BYTES + 1, 'hex')
  if (sequence !== undefined) value.writeUIntBE(sequence, CRC_BYTES + 1 + INCARNATION_BYTES, 6)
  return withChecksum(key, value)
}

/** What {@link writeCursor} wrote, with sequence 0 for an incarnation; undefined when it is damaged. */
export function readCursor(key: string, value: Uint8Array): Cursor | undefined {
  const buffer = checked(key, value)
  const end = CRC_BYTES + 1 + INCARNATION_BYTES
  const bytes = key === INCARNATION_KEY ? end : end + 6
  if (buffer?.length !== bytes || buffer[4] !== VERSION) return undefined
  const incarnation = buffer.toString('hex', CRC_BYTES + 1, end)
  return { incarnation, sequence: bytes === end ? 0 : buffer.readUIntBE(end, 6) }
}

function withChecksum(key: string, value: Buffer): Uint8Array {
  value.writeUInt32BE(crc32(value.subarray(CRC_BYTES), crc32(key)))
  return value
}

function checked(key: string, value: Uint8Array): Buffer | undefined {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length)
  if (buffer.length < CRC_BYTES) return undefined
  return buffer.readUInt32BE() === crc32(buffer.subarray(CRC_BYTES), crc32(key)) ? buffer : undefined
}
