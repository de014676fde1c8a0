import { crc32 } from 'node:zlib'
import { NetError } from '../base/errors.ts'
import { type ImageId, imageId, type ShadowKey, sharingId, shadowNumber } from '../base/ids.ts'
import type { LevelChange, LevelRange, SyncedLevel } from '../base/synced-level.ts'
import type { ShadowEntry } from './shadow-store.ts'

// Key: image/sharing, so that a sharing has at most one shadow here, and key order is listing order.
// Value, 44 bytes: version, number, size (u48 big-endian), SHA-256, CRC-32 (u32) of key and all before it.
// Numbers and hex are read and written in place by Node's Buffer: a start reads them all.
const VERSION = 1
const VALUE_BYTES = 44
const PAGE = 1000

/** The Level key of a shadow's sharing. */
export function metadataKey({ image, sharing }: Pick<ShadowKey, 'image' | 'sharing'>): string {
  return `${image}/${sharing}`
}

/** The change that writes an entry. */
export function entryChange(entry: ShadowEntry): LevelChange {
  const key = metadataKey(entry)
  const value = Buffer.alloc(VALUE_BYTES)
  value[0] = VERSION
  value[1] = entry.number
  value.writeUIntBE(entry.bytes, 2, 6)
  value.write(entry.digest, 8, 'hex')
  value.writeUInt32BE(crc32(value.subarray(0, 40), crc32(key)), 40)
  return { type: 'put', key, value: new Uint8Array(value) }
}

/** The entry of a pair, or undefined when its bytes are damaged. */
export function readEntry(key: string, value: Uint8Array): ShadowEntry | undefined {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length)
  if (buffer.length !== VALUE_BYTES || buffer[0] !== VERSION) return undefined
  if (buffer.readUInt32BE(40) !== crc32(buffer.subarray(0, 40), crc32(key))) return undefined
  const [image, sharing] = key.split('/')
  return {
    image: imageId(image),
    sharing: sharingId(sharing),
    number: shadowNumber(buffer[1]),
    bytes: buffer.readUIntBE(2, 6),
    digest: buffer.toString('hex', 8, 40)
  }
}

/** What is held of a sharing. @throws NetError `STORE_CORRUPT` when its metadata is damaged */
export async function findEntry(level: SyncedLevel, key: ShadowKey): Promise<ShadowEntry | undefined> {
  const name = metadataKey(key)
  const value = await level.get(name)
  return value && soundEntry(name, value)
}

/** Entries in key order: of one image, or the next `limit` after `after`. @throws NetError `STORE_CORRUPT` */
export async function listEntries(
  level: SyncedLevel,
  { image, after, limit = Number.POSITIVE_INFINITY }: { image?: ImageId; after?: ShadowKey; limit?: number }
): Promise<ShadowEntry[]> {
  const entries: ShadowEntry[] = []
  for await (const page of level.pages(rangeOf(image, after), Math.min(PAGE, limit + 1))) {
    for (const [key, value] of page) {
      const entry = soundEntry(key, value)
      const isAfter = after === undefined || key !== metadataKey(after) || entry.number > after.number
      if (isAfter && entries.length < limit) entries.push(entry)
    }
    if (entries.length >= limit) break
  }
  return entries
}

function rangeOf(image: ImageId | undefined, after: ShadowKey | undefined): LevelRange {
  const least = image === undefined ? '' : `${image}/`
  const from = after === undefined ? '' : metadataKey(after)
  return { gte: from > least ? from : least, ...(image === undefined ? {} : { lt: `${image}0` }) } // '0' follows '/'
}

function soundEntry(key: string, value: Uint8Array): ShadowEntry {
  const entry = readEntry(key, value)
  if (entry === undefined) {
    throw new NetError('STORE_CORRUPT', 'the metadata of a shadow is damaged; a restart makes it anew from the file')
  }
  return entry
}
