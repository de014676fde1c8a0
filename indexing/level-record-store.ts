import { crc32 } from 'node:zlib'
import { NetError } from '../base/errors.ts'
import { type ImageId, imageId } from '../base/ids.ts'
import { type LevelChange, SyncedLevel } from '../base/synced-level.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import { ChangeLog } from './change-log.ts'
import { checkRecord } from './check-record.ts'
import { CodeIndex } from './code-index.ts'
import { decodeRecord, encodeRecord } from './encode-record.ts'
import { type ImageRecord, type RecordVersion, supersedes } from './image-record.ts'
import type { Neighbour, RecordChange, RecordStore } from './record-store.ts'

// Keys: r/<image> -> CRC-32 (u32 big-endian) and the encoded record; s/<sequence, 16 digits> -> image. One batch a group
// of puts takes the superseded sequence out and the new one in, so that the two never disagree.
const PAGE = 1000

/** What is known of an image's latest record without reading it. */
interface Head {
  readonly version: RecordVersion
  readonly sequence: number
  /** The space of its code; undefined for a tombstone. */
  readonly stored: CodeSpace | undefined
}

interface Waiting {
  readonly record: ImageRecord
  readonly done: (taken: boolean) => void
  readonly failed: (error: unknown) => void
}

/** Records in Level, their codes packed in memory. Concurrent puts share one sync of the disk. */
export class LevelRecordStore implements RecordStore {
  readonly #level: SyncedLevel
  #codes = new CodeIndex()
  #log = new ChangeLog()
  #heads = new Map<ImageId, Head>()
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #started = false

  /** @param folder made on start if it is not there; belongs to one store of one process */
  constructor(folder: string) {
    this.#level = new SyncedLevel(folder)
  }

  get size(): number {
    return this.#codes.size
  }

  get lastSequence(): number {
    return this.#log.lastSequence
  }

  async start(): Promise<void> {
    if (this.#started) return
    await this.#level.open()
    try {
      await this.#load()
    } catch (error) {
      await this.#level.close()
      throw error
    }
    this.#started = true
  }

  async stop(): Promise<void> {
    if (!this.#started) return
    this.#started = false
    await this.#writing
    await this.#level.close()
  }

  async put(record: ImageRecord): Promise<boolean> {
    this.#checkStarted()
    checkRecord(record)
    return new Promise((done, failed) => {
      this.#waiting.push({ record, done, failed })
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async get(image: ImageId): Promise<ImageRecord | undefined> {
    this.#checkStarted()
    if (!this.#heads.has(image)) return undefined
    const value = await this.#level.get(recordKey(image))
    return value === undefined ? undefined : openValue(value)
  }

  nearest(code: Uint8Array, space: CodeSpace, k: number): Neighbour[] {
    this.#checkStarted()
    return this.#codes.nearest(code, space, k)
  }

  async changes(after: number, limit: number): Promise<RecordChange[]> {
    this.#checkStarted()
    const lines = this.#log.after(after, limit)
    const values = await this.#level.getMany(lines.map(({ image }) => recordKey(image)))
    return lines.flatMap(({ sequence }, at) => {
      const value = values[at]
      return value === undefined ? [] : [{ sequence, record: openValue(value) }]
    })
  }

  /** Write groups until nobody waits. Never rejects: each failure goes to those who wait for it. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      const taken = this.#choose(group)
      try {
        if (taken.size > 0) await this.#level.commit(this.#changesFor(taken.values()))
        for (const record of taken.values()) this.#apply(record)
        for (const { record, done } of group) done(taken.get(record.image) === record)
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
  }

  /** Of each image the record of the group that wins, when it also wins over what is held. */
  #choose(group: readonly Waiting[]): Map<ImageId, ImageRecord> {
    const taken = new Map<ImageId, ImageRecord>()
    for (const { record } of group) {
      const rival = taken.get(record.image)
      const head = this.#heads.get(record.image)
      const wins = rival === undefined ? head === undefined || supersedes(record, head) : supersedes(record, rival)
      if (wins) taken.set(record.image, record)
    }
    return taken
  }

  #changesFor(records: Iterable<ImageRecord>): LevelChange[] {
    const changes: LevelChange[] = []
    let sequence = this.#log.lastSequence
    for (const record of records) {
      const old = this.#heads.get(record.image)
      if (old !== undefined) changes.push({ type: 'del', key: sequenceKey(old.sequence) })
      changes.push({ type: 'put', key: sequenceKey(++sequence), value: Buffer.from(record.image) })
      changes.push({ type: 'put', key: recordKey(record.image), value: closedValue(record) })
    }
    return changes
  }

  #apply(record: ImageRecord): void {
    const { image, version, stored } = record
    const old = this.#heads.get(image)
    if (old?.stored !== undefined) this.#codes.remove({ image, space: old.stored })
    if (stored !== undefined) this.#codes.add(stored.claim)
    this.#heads.set(image, { version, stored: stored?.claim.space, sequence: this.#log.append(image) })
  }

  async #load(): Promise<void> {
    this.#codes = new CodeIndex()
    this.#log = new ChangeLog()
    this.#heads = new Map()
    let damaged = 0
    for await (const page of this.#level.pages({ gte: 's/', lt: 's0' }, PAGE)) {
      const images = page.map(([, value]) => imageId(Buffer.from(value).toString()))
      const values = await this.#level.getMany(images.map(recordKey))
      for (const [at, value] of values.entries()) {
        const record = value === undefined ? undefined : soundValue(value)
        if (record?.image !== images[at]) damaged++
        else this.#restore(record, Number(page[at][0].slice(2)))
      }
    }
    if (damaged === 0) return
    throw new NetError('STORE_CORRUPT', `${damaged} records of the index are damaged`, { detail: { damaged } })
  }

  #restore({ image, version, stored }: ImageRecord, sequence: number): void {
    if (stored !== undefined) this.#codes.add(stored.claim)
    this.#log.restore(image, sequence)
    this.#heads.set(image, { version, stored: stored?.claim.space, sequence })
  }

  #checkStarted(): void {
    if (!this.#started) throw new NetError('NOT_STARTED', 'the record store is not started')
  }
}

const recordKey = (image: ImageId): string => `r/${image}`
const sequenceKey = (sequence: number): string => `s/${String(sequence).padStart(16, '0')}`

function closedValue(record: ImageRecord): Uint8Array {
  const bytes = encodeRecord(record)
  const value = Buffer.alloc(4 + bytes.length)
  value.writeUInt32BE(crc32(bytes))
  value.set(bytes, 4)
  return value
}

function soundValue(value: Uint8Array): ImageRecord | undefined {
  const bytes = value.subarray(4)
  const { buffer, byteOffset } = value
  if (value.length < 4 || new DataView(buffer, byteOffset).getUint32(0) !== crc32(bytes)) return undefined
  return decodeRecord(bytes)
}

function openValue(value: Uint8Array): ImageRecord {
  const record = soundValue(value)
  if (record === undefined) throw new NetError('STORE_CORRUPT', 'a record of the index is damaged')
  return record
}
