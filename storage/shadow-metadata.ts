import { crc32 } from 'node:zlib'
import { NetError } from '../base/errors.ts'
import { type ImageId, imageId, peerId, type ShadowKey, sharingId, shadowNumber } from '../base/ids.ts'
import type { LevelChange, LevelRange, SyncedLevel } from '../base/synced-level.ts'
import { trashedRecordKey } from './sealed-values.ts'
import { DROP_REASONS, type ShadowEntry, type SharingKey, type TrashedShadow } from './shadow-store.ts'

// Key: image/sharing, so that a sharing has at most one shadow here, and key order is listing order; in the trash
// trash/image/sharing, and beside it oldest/time/image/sharing without a value, so that the oldest is found first.
// Value: version, number, size (u48 big-endian), digest, asked (u64), counter (u64), when it was put (u64), length of the
// master's id (0 when it is not known), the id, size of the record beside it (u32, 0 when there is none), its SHA-256 if there is
// one; in the trash also time (u64) and the reason's place in its list; then CRC-32 (u32) of key and all before it. Version 2
// ends after the id, version 1 after the digest.
// Numbers and hex are read and written in place by Node's Buffer: a start reads them all.
const VERSION = 3
const VERSION_2 = 2
const VERSION_1 = 1
const ASKED_AT = 40
const MASTER_AT = 65
const TRASH_BYTES = 9
const SIZE_BYTES = 4
const DIGEST_BYTES = 32
const CRC_BYTES = 4
const PAGE = 1000

/** What the Level keys of the trash start with. */
export const TRASH_PREFIX = 'trash/'
const OLDEST = 'oldest/'
/** Keys of shadows that are held: an image id starts with a hex digit, all else with a later letter. */
const HELD: LevelRange = Object.freeze({ lt: 'g' })
/** Keys of the trash. */
export const TRASH_RANGE: LevelRange = Object.freeze({ gte: TRASH_PREFIX, lt: 'trash0' }) // '0' follows '/'
/** Keys of the trash's order of age. */
export const OLDEST_RANGE: LevelRange = Object.freeze({ gte: OLDEST, lt: 'oldest0' })

/** The Level key of a shadow's sharing. */
export function metadataKey({ image, sharing }: SharingKey): string {
  return `${image}/${sharing}`
}

/** The Level key of a sharing in the trash. */
function trashKey(key: SharingKey): string {
  return TRASH_PREFIX + metadataKey(key)
}

/** The Level key by which a shadow in the trash is found by its age. */
export function oldestKey({ image, sharing, time }: Pick<TrashedShadow, 'image' | 'sharing' | 'time'>): string {
  return `${OLDEST}${time.toString(16).padStart(14, '0')}/${image}/${sharing}`
}

/** Which shadow a key of {@link oldestKey} stands for, and when it was dropped. */
export function readOldestKey(key: string): Pick<TrashedShadow, 'image' | 'sharing' | 'time'> {
  const [, time, image, sharing] = key.split('/')
  return { time: Number.parseInt(time, 16), image: imageId(image), sharing: sharingId(sharing) }
}

/** The change that writes an entry. */
export function entryChange(entry: ShadowEntry): LevelChange {
  return change(metadataKey(entry), entryBytes(entry))
}

/** The change that takes an entry away. */
export function removal(key: SharingKey): LevelChange {
  return { type: 'del', key: metadataKey(key) }
}

/** The changes that write an entry of the trash. */
export function trashChanges(entry: TrashedShadow): LevelChange[] {
  const dropped = Buffer.alloc(TRASH_BYTES)
  dropped.writeBigUInt64BE(BigInt(entry.time))
  dropped[8] = DROP_REASONS.indexOf(entry.reason)
  const order: LevelChange = { type: 'put', key: oldestKey(entry), value: new Uint8Array() }
  return [change(trashKey(entry), Buffer.concat([entryBytes(entry), dropped])), order]
}

/** The changes that take an entry of the trash away, with the record beside it. */
export function untrashChanges(entry: TrashedShadow): LevelChange[] {
  return [
    { type: 'del', key: trashKey(entry) },
    { type: 'del', key: oldestKey(entry) },
    ...(entry.record === undefined ? [] : [{ type: 'del' as const, key: trashedRecordKey(entry) }])
  ]
}

/** The entry of a pair, or undefined when its bytes are damaged. */
export function readEntry(key: string, value: Uint8Array): ShadowEntry | undefined {
  const buffer = checkedBytes(key, value)
  if (buffer === undefined || buffer.length !== entryLength(buffer)) return undefined
  return entryOf(key, buffer)
}

/** The entry of a pair of the trash, or undefined when its bytes are damaged. */
export function readTrashed(key: string, value: Uint8Array): TrashedShadow | undefined {
  const buffer = checkedBytes(key, value)
  if (buffer === undefined || buffer.length !== entryLength(buffer) + TRASH_BYTES) return undefined
  const [at, reason] = [buffer.length - TRASH_BYTES, DROP_REASONS[buffer[buffer.length - 1]]]
  return { ...entryOf(key.slice(TRASH_PREFIX.length), buffer), time: Number(buffer.readBigUInt64BE(at)), reason }
}

/** What is held of a sharing. @throws NetError `STORE_CORRUPT` when its metadata is damaged */
export async function findEntry(level: SyncedLevel, key: SharingKey): Promise<ShadowEntry | undefined> {
  const name = metadataKey(key)
  const value = await level.get(name)
  return value && sound(readEntry(name, value))
}

/** What the trash has of a sharing. @throws NetError `STORE_CORRUPT` when its metadata is damaged */
export async function findTrashed(level: SyncedLevel, key: SharingKey): Promise<TrashedShadow | undefined> {
  const name = trashKey(key)
  const value = await level.get(name)
  return value && sound(readTrashed(name, value))
}

/** Which entries to list: of one image, or the next `limit` after `after`. */
export interface ListQuery {
  readonly image?: ImageId
  readonly after?: ShadowKey
  readonly limit?: number
}

/** Entries in key order. @throws NetError `STORE_CORRUPT` */
export function listEntries(level: SyncedLevel, query: ListQuery): Promise<ShadowEntry[]> {
  return listed(level, query, { prefix: '', all: HELD, read: readEntry })
}

/** Entries of the trash in key order. @throws NetError `STORE_CORRUPT` */
export function listTrashed(level: SyncedLevel, query: ListQuery): Promise<TrashedShadow[]> {
  return listed(level, query, { prefix: TRASH_PREFIX, all: TRASH_RANGE, read: readTrashed })
}

interface Listing<T> {
  readonly prefix: string
  readonly all: LevelRange
  readonly read: (key: string, value: Uint8Array) => T | undefined
}

async function listed<T extends ShadowEntry>(
  level: SyncedLevel,
  { image, after, limit = Number.POSITIVE_INFINITY }: ListQuery,
  { prefix, all, read }: Listing<T>
): Promise<T[]> {
  const entries: T[] = []
  const range = image === undefined ? all : { gte: `${prefix}${image}/`, lt: `${prefix}${image}0` } // '0' follows '/'
  const from = after === undefined ? '' : prefix + metadataKey(after)
  const rest = from > (range.gte ?? '') ? { ...range, gte: from } : range
  for await (const page of level.pages(rest, Math.min(PAGE, limit + 1))) {
    for (const [key, value] of page) {
      const entry = sound(read(key, value))
      const isAfter = after === undefined || key !== from || entry.number > after.number
      if (isAfter && entries.length < limit) entries.push(entry)
    }
    if (entries.length >= limit) break
  }
  return entries
}

function change(key: string, body: Buffer): LevelChange {
  const crc = Buffer.alloc(CRC_BYTES)
  crc.writeUInt32BE(crc32(body, crc32(key)))
  return { type: 'put', key, value: new Uint8Array(Buffer.concat([body, crc])) }
}

function entryBytes(entry: ShadowEntry): Buffer {
  const master = Buffer.from(entry.master ?? '')
  const bytes = Buffer.alloc(MASTER_AT)
  bytes[0] = VERSION
  bytes[1] = entry.number
  bytes.writeUIntBE(entry.bytes, 2, 6)
  bytes.write(entry.digest, 8, 'hex')
  bytes.writeBigUInt64BE(BigInt(entry.asked), ASKED_AT)
  bytes.writeBigUInt64BE(BigInt(entry.counter), ASKED_AT + 8)
  bytes.writeBigUInt64BE(BigInt(entry.putAt), ASKED_AT + 16)
  bytes[MASTER_AT - 1] = master.length
  const { record } = entry
  const size = Buffer.alloc(SIZE_BYTES)
  size.writeUInt32BE(record?.bytes ?? 0)
  return Buffer.concat([bytes, master, size, Buffer.from(record?.digest ?? '', 'hex')])
}

/** A value without its checksum; undefined when it is damaged or of no known version. */
function checkedBytes(key: string, value: Uint8Array): Buffer | undefined {
  const at = value.length - CRC_BYTES
  if (at < ASKED_AT || value[0] < VERSION_1 || value[0] > VERSION) return undefined
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length)
  return buffer.readUInt32BE(at) === crc32(buffer.subarray(0, at), crc32(key)) ? buffer.subarray(0, at) : undefined
}

function entryLength(buffer: Buffer): number {
  if (buffer[0] === VERSION_1) return ASKED_AT
  const at = recordAt(buffer)
  if (buffer[0] === VERSION_2) return at
  return at + SIZE_BYTES + (recordBytes(buffer, at) > 0 ? DIGEST_BYTES : 0)
}

function recordAt(buffer: Buffer): number {
  return MASTER_AT + buffer[MASTER_AT - 1]
}

function recordBytes(buffer: Buffer, at: number): number {
  return at + SIZE_BYTES <= buffer.length ? buffer.readUInt32BE(at) : 0
}

function entryOf(key: string, buffer: Buffer): ShadowEntry {
  const [image, sharing] = key.split('/')
  const isOld = buffer[0] === VERSION_1
  const masterId = isOld ? '' : buffer.toString('latin1', MASTER_AT, MASTER_AT + buffer[MASTER_AT - 1])
  return {
    image: imageId(image),
    sharing: sharingId(sharing),
    number: shadowNumber(buffer[1]),
    bytes: buffer.readUIntBE(2, 6),
    digest: buffer.toString('hex', 8, ASKED_AT),
    asked: isOld ? 0 : Number(buffer.readBigUInt64BE(ASKED_AT)),
    counter: isOld ? 0 : Number(buffer.readBigUInt64BE(ASKED_AT + 8)),
    master: masterId === '' ? undefined : peerId(masterId),
    putAt: isOld ? 0 : Number(buffer.readBigUInt64BE(ASKED_AT + 16)),
    ...recordOf(buffer)
  }
}

function recordOf(buffer: Buffer): Pick<ShadowEntry, 'record'> {
  const at = buffer[0] === VERSION ? recordAt(buffer) : buffer.length
  const bytes = recordBytes(buffer, at)
  if (bytes === 0) return {}
  return { record: { bytes, digest: buffer.toString('hex', at + SIZE_BYTES, at + SIZE_BYTES + DIGEST_BYTES) } }
}

function sound<T>(entry: T | undefined): T {
  if (entry !== undefined) return entry
  throw new NetError('STORE_CORRUPT', 'the metadata of a shadow is damaged; a restart makes it anew from the file')
}
