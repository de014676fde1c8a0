import { NetError } from '../base/errors.ts'
import type { ImageId, PeerId } from '../base/ids.ts'
import { checkWhole } from '../base/options.ts'
import { Semaphore } from '../base/semaphore.ts'
import { type LevelChange, SyncedLevel } from '../base/synced-level.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import { CodeIndex } from './code-index.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { Usage } from './owner-usage.ts'
import { loadRecords } from './load-records.ts'
import type { Neighbour, RecordChange, RecordStore } from './record-store.ts'
import {
  CHANGE_KEYS,
  changeKey,
  readChange,
  readRecord,
  RECORD_KEYS,
  recordKey,
  SUMMARY_KEY,
  type Summary,
  writeChange,
  writeRecord,
  writeSummary
} from './record-value.ts'
import { supersedes } from './supersedes.ts'

const GROUP = 1000 // records in one batch: enough to share a sync, small against Level's 4 MiB buffer
const EMPTY: Summary = Object.freeze({ count: 0, lastSequence: 0 })

interface Waiting extends EncodedRecord {
  readonly done: (taken: boolean) => void
  readonly failed: (error: unknown) => void
}

/** The latest record of an image, and what is held on disk; undefined when nothing is. */
interface Latest {
  readonly latest: EncodedRecord
  readonly held: RecordChange | undefined
}

/**
 * Records in Level, their codes packed in memory (some 50 bytes an image). Concurrent puts share one sync of the disk; a
 * record, its change and the summary are written in one batch, so that no kill leaves them apart.
 */
export class LevelRecordStore implements RecordStore {
  readonly #level: SyncedLevel
  #codes = new CodeIndex()
  #summary = EMPTY
  #waiting: Waiting[] = []
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false
  /** A write has failed: it may yet have reached the disk, so memory must be read anew. */
  #inDoubt = false
  readonly #lifecycle = new Semaphore(1) // starts and stops, one after the other
  #started = false

  /** @param folder made on start if it is not there; belongs to one store of one process */
  constructor(folder: string) {
    this.#level = new SyncedLevel(folder)
  }

  get size(): number {
    return this.#codes.size
  }

  get lastSequence(): number {
    return this.#summary.lastSequence
  }

  start(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#started) return
      await this.#level.open()
      try {
        await this.#load()
      } catch (error) {
        await this.#level.close()
        throw error
      }
      this.#started = true
    })
  }

  stop(): Promise<void> {
    return this.#lifecycle.run(async () => {
      this.#started = false
      await this.#writing
      await this.#level.close()
    })
  }

  async put(put: EncodedRecord): Promise<boolean> {
    this.#checkStarted()
    return await new Promise((done, failed) => {
      this.#waiting.push({ ...put, done, failed })
      if (!this.#isWriting) this.#writing = this.#write()
    })
  }

  async get(id: ImageId): Promise<EncodedRecord | undefined> {
    const [record] = await this.getMany([id])
    return record
  }

  async getMany(ids: readonly ImageId[]): Promise<(EncodedRecord | undefined)[]> {
    this.#checkStarted()
    return this.#read(ids)
  }

  async list(after: ImageId | undefined, limit: number): Promise<EncodedRecord[]> {
    this.#checkStarted()
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const from = after === undefined ? { gte: RECORD_KEYS.gte } : { gt: recordKey(after) }
    const page = await this.#level.list({ ...from, lt: RECORD_KEYS.lt, limit })
    return page.map(([key, value]) => readRecord(key, value))
  }

  usage(owner: PeerId): Usage {
    return this.#codes.usage.of(owner)
  }

  usages(): ReadonlyMap<PeerId, Usage> {
    return this.#codes.usage.all()
  }

  nearest(code: Uint8Array, space: CodeSpace, k: number): Neighbour[] {
    this.#checkStarted()
    return this.#codes.nearest(code, space, k)
  }

  async changes(after: number, limit: number): Promise<RecordChange[]> {
    this.#checkStarted()
    checkWhole('after', after, 0, Number.MAX_SAFE_INTEGER)
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const changes: RecordChange[] = []
    for (let from = after; changes.length < limit; ) {
      const size = Math.min(GROUP, limit - changes.length)
      const page = await this.#level.list({ gt: changeKey(from), lt: CHANGE_KEYS.lt, limit: size })
      if (page.length === 0) break
      changes.push(...(await this.#recordsOf(page)))
      from = Number(page[page.length - 1][0].slice(2))
    }
    return changes
  }

  /** The records of a page of changes; one that was superseded since the page was read comes with its later change. */
  async #recordsOf(page: readonly [string, Uint8Array][]): Promise<RecordChange[]> {
    const lines = page.map(([key, value]) => {
      const change = readChange(key, value)
      if (change === undefined) throw new NetError('STORE_CORRUPT', 'a change of the index is damaged')
      return change
    })
    const held = await this.#read(lines.map(({ image }) => image))
    return held.filter((each, at) => each?.sequence === lines[at].sequence).filter(each => each !== undefined)
  }

  /** What is on disk of these images. */
  async #read(ids: readonly ImageId[]): Promise<(RecordChange | undefined)[]> {
    const keys = ids.map(recordKey)
    const values = await this.#level.getMany(keys)
    return values.map((value, at) => value && readRecord(keys[at], value))
  }

  /** Write groups until nobody waits. Never rejects: each failure goes to those who wait for it. */
  async #write(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, GROUP)
      try {
        const taken = await this.#writeGroup(group)
        for (const each of group) each.done(taken.has(each))
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    this.#isWriting = false
  }

  /** Those of a group that were taken, in the order they came. */
  async #writeGroup(group: readonly Waiting[]): Promise<Set<Waiting>> {
    if (this.#inDoubt) await this.#load()
    const now = await this.#findHeld(group)
    const taken = new Set<Waiting>()
    for (const each of group) {
      const { id } = each.record
      const before = now.get(id)
      if (before !== undefined && !supersedes(each, before.latest)) continue
      now.set(id, { latest: each, held: before?.held })
      taken.add(each)
    }
    const fresh = [...now.values()].filter(({ latest, held }) => latest !== held)
    if (fresh.length > 0) await this.#commit(fresh)
    return taken
  }

  async #findHeld(group: readonly Waiting[]): Promise<Map<ImageId, Latest>> {
    const ids = [...new Set(group.map(({ record }) => record.id))]
    const found = (await this.#read(ids)).filter(held => held !== undefined)
    return new Map(found.map(held => [held.record.id, { latest: held, held }]))
  }

  async #commit(fresh: readonly Latest[]): Promise<void> {
    const changes: LevelChange[] = []
    let { count, lastSequence } = this.#summary
    for (const { latest, held } of fresh) {
      const { id } = latest.record
      if (held === undefined) count++
      else changes.push({ type: 'del', key: changeKey(held.sequence) })
      const sequence = ++lastSequence
      changes.push({ type: 'put', key: changeKey(sequence), value: writeChange(sequence, id) })
      changes.push({ type: 'put', key: recordKey(id), value: writeRecord(latest, sequence) })
    }
    changes.push({ type: 'put', key: SUMMARY_KEY, value: writeSummary({ count, lastSequence }) })
    try {
      await this.#level.commit(changes)
    } catch (error) {
      this.#inDoubt = true
      throw error
    }
    this.#summary = { count, lastSequence }
    for (const { latest, held } of fresh) {
      this.#codes.replace(held?.record.stored?.claim, latest.record.stored?.claim)
    }
  }

  async #load(): Promise<void> {
    const { codes, summary } = await loadRecords(this.#level)
    this.#codes = codes
    this.#summary = summary
    this.#inDoubt = false
  }

  #checkStarted(): void {
    if (!this.#started) throw new NetError('NOT_STARTED', 'the record store is not started')
  }
}
