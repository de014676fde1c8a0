import { isNetError, NetError } from '../base/errors.ts'
import type { ImageId, PeerId } from '../base/ids.ts'
import { type Random, systemRandom } from '../base/random.ts'
import { Semaphore } from '../base/semaphore.ts'
import { SyncedLevel } from '../base/synced-level.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import { Bookmarks } from './bookmarks.ts'
import { CodeIndex } from './code-index.ts'
import { DigestTree } from './digest-tree.ts'
import type { EncodedRecord } from './encoded-record.ts'
import { LevelReader } from './level-reader.ts'
import type { Usage } from './owner-usage.ts'
import { loadRecords } from './load-records.ts'
import { mendRecords } from './mend-records.ts'
import type { Cursor, HeldRecord, Neighbour, RecordChange, RecordStore } from './record-store.ts'
import { type Latest, recordBatch } from './record-batch.ts'
import type { Summary } from './record-value.ts'
import { supersedes } from './supersedes.ts'

const GROUP = 1000 // records in one batch: enough to share a sync, small against Level's 4 MiB buffer
const EMPTY: Summary = Object.freeze({ count: 0, lastSequence: 0 })

interface Waiting extends EncodedRecord {
  readonly done: (taken: boolean) => void
  readonly failed: (error: unknown) => void
}

/** How a {@link LevelRecordStore} is set up. */
export interface LevelRecordStoreInit {
  /**
   * Called with their number when damaged records were set aside, for whoever gets them again from other masters. Left out,
   * nothing is set aside: a start with damage, and a read that meets some, is `STORE_CORRUPT`.
   */
  readonly onDamage?: (records: number) => void
  /** Draws the incarnation of a new folder. */
  readonly random?: Random
}

/**
 * Records in Level, their codes packed in memory (some 50 bytes an image). Concurrent puts share one sync of the disk; a
 * record, its change and the summary are written in one batch, so that no kill leaves them apart.
 */
export class LevelRecordStore implements RecordStore {
  readonly #level: SyncedLevel
  readonly #init: LevelRecordStoreInit
  readonly #reader: LevelReader
  #bookmarks: Bookmarks | undefined
  #codes = new CodeIndex()
  #digests = new DigestTree()
  #summary = EMPTY
  #waiting: Waiting[] = []
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false
  /** A write has failed: it may yet have reached the disk, so memory must be read anew. */
  #inDoubt = false
  readonly #lifecycle = new Semaphore(1) // starts and stops, one after the other
  #started = false

  /** @param folder made on start if it is not there; belongs to one store of one process */
  constructor(folder: string, init: LevelRecordStoreInit = {}) {
    this.#level = new SyncedLevel(folder)
    this.#reader = new LevelReader(this.#level, () => this.#corrupt())
    this.#init = init
  }

  get size(): number {
    return this.#codes.size
  }

  get lastSequence(): number {
    return this.#summary.lastSequence
  }

  get digests(): DigestTree {
    return this.#digests
  }

  get incarnation(): string {
    return this.#bookmarks?.incarnation ?? ''
  }

  start(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#started) return
      await this.#level.open()
      try {
        await this.#load()
        this.#bookmarks = await Bookmarks.load(this.#level, this.#init.random ?? systemRandom)
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
    return this.#reader.getMany(ids)
  }

  async list(after: ImageId | undefined, limit: number): Promise<EncodedRecord[]> {
    this.#checkStarted()
    return this.#reader.list(after, limit)
  }

  async held(after: ImageId | undefined, upTo: ImageId, limit: number): Promise<HeldRecord[]> {
    this.#checkStarted()
    return this.#reader.held(after, upTo, limit)
  }

  cursor(master: PeerId): Cursor | undefined {
    return this.#bookmarks?.cursor(master)
  }

  async moveCursor(master: PeerId, cursor: Cursor): Promise<void> {
    this.#checkStarted()
    await this.#bookmarks?.moveCursor(master, cursor)
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
    return this.#reader.changes(after, limit)
  }

  /** Write groups until nobody waits. Never rejects: each failure goes to those who wait for it. */
  async #write(): Promise<void> {
    this.#isWriting = true
    if (this.#inDoubt && this.#waiting.length === 0) await this.#load().catch(() => undefined) // the next use says why
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
    const now = await this.#findHeld(group).catch(async error => {
      if (!this.#inDoubt) throw error
      await this.#load() // what is damaged is set aside
      return this.#findHeld(group)
    })
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
    const found = (await this.#reader.getMany(ids)).filter(held => held !== undefined)
    return new Map(found.map(held => [held.record.id, { latest: held, held }]))
  }

  async #commit(fresh: readonly Latest[]): Promise<void> {
    const { changes, summary } = recordBatch(fresh, this.#summary)
    try {
      await this.#level.commit(changes)
    } catch (error) {
      this.#inDoubt = true
      throw error
    }
    this.#summary = summary
    for (const { latest, held } of fresh) {
      this.#codes.replace(held?.record.stored?.claim, latest.record.stored?.claim)
      this.#digests.replace(latest.record.id, held?.encoded, latest.encoded)
    }
  }

  /** A read has met damage: it is soon set aside, if it may be. */
  #corrupt(): void {
    if (this.#init.onDamage === undefined) return
    this.#inDoubt = true
    if (!this.#isWriting) this.#writing = this.#write()
  }

  async #load(): Promise<void> {
    const { onDamage } = this.#init
    const { codes, digests, summary } = await loadRecords(this.#level).catch(async error => {
      if (onDamage === undefined || !isNetError(error, 'STORE_CORRUPT')) throw error
      onDamage(await mendRecords(this.#level))
      return loadRecords(this.#level)
    })
    this.#codes = codes
    this.#digests = digests
    this.#summary = summary
    this.#inDoubt = false
  }

  #checkStarted(): void {
    if (!this.#started) throw new NetError('NOT_STARTED', 'the record store is not started')
  }
}
