import { join } from 'node:path'
import { diskError } from '../base/disk-error.ts'
import { isNetError } from '../base/errors.ts'
import type { ShadowKey } from '../base/ids.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import { withDefaults } from '../base/options.ts'
import { Semaphore } from '../base/semaphore.ts'
import { shadowDigest } from '../base/shadow-digest.ts'
import { SyncedLevel } from '../base/synced-level.ts'
import { type Disk, systemDisk } from './disk.ts'
import { DiskTrash } from './disk-trash.ts'
import { GroupCommit } from './group-commit.ts'
import { reconcile, type StartReport } from './reconcile.ts'
import { ShadowFiles } from './shadow-files.ts'
import { RecordShelf } from './record-shelf.ts'
import { checkSame, conflict, missing, notStarted } from './shadow-key.ts'
import { entryChange, findEntry, type ListQuery, listEntries, metadataKey, removal } from './shadow-metadata.ts'
import { StoreRoom } from './store-room.ts'
import {
  footprint,
  type RecordPut,
  type ShadowDrop,
  type ShadowEntry,
  type ShadowOrigin,
  type ShadowStore,
  type SharingKey,
  type StoreUsage,
  type TrashedShadow
} from './shadow-store.ts'

/** How a {@link DiskShadowStore} is set up. */
export interface DiskShadowStoreInit {
  /** Most bytes of shadows kept at one time, with those in the trash. */
  quotaBytes?: number
  /** Bytes of the file system that are left free for metadata and for others. */
  reserveBytes?: number
  /** The file operations; tests pass ones that fail. */
  disk?: Disk
}

/** Defaults of {@link DiskShadowStoreInit}. */
const DISK_SHADOW_STORE_DEFAULTS = Object.freeze({
  quotaBytes: Number.MAX_SAFE_INTEGER, // whatever the disk has
  reserveBytes: 256 * 1024 * 1024, // Level compacts by writing anew before it deletes; some of its 4 MiB tables at a time
  disk: systemDisk
}) satisfies Required<DiskShadowStoreInit>

const WIDTH = 64 // shadows in work at one time: enough to share the disk's syncs, few open files

/**
 * Shadows as files below one folder, what is known of them in Level beside them. A put is acknowledged once the file, its
 * name and its metadata are on stable storage; the name carries digest and origin, so metadata can be made anew from the
 * files. What is dropped is renamed into a folder beside them.
 */
export class DiskShadowStore implements ShadowStore {
  readonly #root: string
  readonly #trashRoot: string
  readonly #init: Required<DiskShadowStoreInit>
  readonly #level: SyncedLevel
  readonly #commits: GroupCommit
  readonly #files: ShadowFiles
  readonly #trash: DiskTrash
  readonly #records: RecordShelf
  readonly #perShadow = new KeyedMutex()
  readonly #inWork = new Semaphore(WIDTH)
  readonly #lifecycle = new Semaphore(1) // starts and stops, one after the other
  readonly #room: StoreRoom
  #report: StartReport | undefined

  /** @param folder made on start if it is not there; belongs to one store of one process */
  constructor(folder: string, init: DiskShadowStoreInit = {}) {
    this.#root = join(folder, 'shadows')
    this.#trashRoot = join(folder, 'trash')
    this.#init = withDefaults<Required<DiskShadowStoreInit>>(DISK_SHADOW_STORE_DEFAULTS, init)
    const { disk, quotaBytes, reserveBytes } = this.#init
    this.#level = new SyncedLevel(join(folder, 'metadata'))
    this.#commits = new GroupCommit(this.#level)
    this.#files = new ShadowFiles(disk, this.#root)
    const parts = { level: this.#level, commits: this.#commits }
    this.#trash = new DiskTrash({ ...parts, disk, root: this.#trashRoot })
    const diskFreeBytes = async (): Promise<number> => (await disk.freeBytes(this.#root)) - reserveBytes
    this.#room = new StoreRoom({ quotaBytes, diskFreeBytes, trash: this.#trash })
    this.#records = new RecordShelf({ ...parts, room: this.#room })
  }

  /** What the last start found and put right; undefined while the store is not started. */
  get startReport(): StartReport | undefined {
    return this.#report
  }

  start(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#report !== undefined) return
      const { disk } = this.#init
      try {
        for (const folder of [this.#root, this.#trashRoot]) await disk.makeFolder(folder)
        await this.#level.open()
        await disk.checkWritable(this.#root)
        const report = await reconcile({ disk, root: this.#root, trashRoot: this.#trashRoot, level: this.#level })
        this.#files.reset()
        this.#room.reset(report)
        this.#trash.reset(report)
        this.#report = report
      } catch (error) {
        await this.#level.close()
        throw diskError(error)
      }
    })
  }

  stop(): Promise<void> {
    return this.#lifecycle.run(async () => {
      this.#report = undefined
      await this.#perShadow.idle()
      await this.#level.close()
    })
  }

  put(key: ShadowKey, shadow: Uint8Array, { asked, counter, master, putAt }: ShadowOrigin): Promise<void> {
    return this.#turn(key, async () => {
      const { image, sharing, number } = key
      const digest = shadowDigest(shadow, master)
      const entry = { image, sharing, number, bytes: shadow.length, digest, asked, counter, master, putAt }
      const held = await findEntry(this.#level, key)
      if (held === undefined) return await this.#keep(entry, shadow)
      checkSame(held, entry)
      // The same again: nothing to do, unless the disk has spoilt it and this is its repair.
      if (!(await this.#files.isSound(held))) await this.#files.write(entry, shadow)
    })
  }

  get(key: ShadowKey): Promise<Uint8Array> {
    return this.#turn(key, async () => {
      const entry = await findEntry(this.#level, key)
      if (entry?.number !== key.number) throw missing()
      return await this.#files.read(entry)
    })
  }

  putRecord(key: SharingKey, sealed: Uint8Array, put: RecordPut): Promise<void> {
    return this.#turn(key, () => this.#records.put(key, sealed, put))
  }

  getRecord(key: SharingKey): Promise<Uint8Array | undefined> {
    return this.#turn(key, () => this.#records.get(key))
  }

  find(key: ShadowKey): Promise<ShadowEntry | undefined> {
    return this.#turn(key, async () => {
      const entry = await findEntry(this.#level, key)
      return entry?.number === key.number ? entry : undefined
    })
  }

  drop(key: ShadowKey, { reason, time }: ShadowDrop): Promise<boolean> {
    return this.#turn(key, async () => {
      const entry = await findEntry(this.#level, key)
      if (entry?.number !== key.number) return false
      const moved = await this.#records.toTrash(entry)
      const move = { path: this.#files.pathOf(entry), change: removal(key), record: moved.changes }
      await this.#files.within(key.image, () => this.#trash.add({ ...moved.entry, reason, time }, move))
      this.#room.count(-1, -footprint(entry))
      await this.#files.tidy(key.image)
      return true
    })
  }

  async list(query: ListQuery = {}): Promise<ShadowEntry[]> {
    this.#checkStarted()
    return await listEntries(this.#level, query)
  }

  async listTrash(query: ListQuery = {}): Promise<TrashedShadow[]> {
    this.#checkStarted()
    return await this.#trash.list(query)
  }

  restore(key: ShadowKey): Promise<boolean> {
    return this.#turn(key, async () => {
      const found = await this.#trash.find(key)
      if (found?.number !== key.number) return false
      const held = await findEntry(this.#level, key)
      if (held !== undefined) throw conflict(held, key)
      const { reason, time, ...trashed } = found
      const { entry, changes: record } = await this.#records.fromTrash(trashed)
      const move = { path: this.#files.pathOf(entry), change: entryChange(entry), record }
      if (!(await this.#files.within(key.image, durable => this.#trash.giveBack(found, move, durable)))) return false
      this.#room.count(1, footprint(entry))
      return true
    })
  }

  async expire(before: number): Promise<number> {
    this.#checkStarted()
    return await this.#trash.forget(time => this.#report !== undefined && time < before)
  }

  async usage(): Promise<StoreUsage> {
    this.#checkStarted()
    return await this.#room.usage()
  }

  async #keep(entry: ShadowEntry, shadow: Uint8Array): Promise<void> {
    const trashed = await this.#trash.find(entry)
    if (trashed !== undefined && trashed.number !== entry.number) throw conflict(trashed, entry)
    await this.#room.reserved(entry.bytes, async () => {
      await this.#room.makeRoom()
      await this.#writeOrForget(entry, shadow)
      await this.#commit(entry)
      this.#room.count(1, entry.bytes)
    })
  }

  /** Write; where the disk is full before its free space says so, the trash gives way, oldest first. */
  async #writeOrForget(entry: ShadowEntry, shadow: Uint8Array): Promise<void> {
    for (;;) {
      try {
        return await this.#files.write(entry, shadow)
      } catch (error) {
        if (!isNetError(error, 'STORE_FULL')) throw error
        let left = 1
        if ((await this.#trash.forget(() => left-- > 0)) === 0) throw error
      }
    }
  }

  async #commit(entry: ShadowEntry): Promise<void> {
    try {
      await this.#commits.commit(entryChange(entry))
    } catch (error) {
      await this.#files.remove(entry)
      // The failed write may still have reached the log; should this not reach it either, the next start drops it.
      await this.#commits.commit(removal(entry)).catch(() => undefined)
      throw error
    }
  }

  async #turn<T>(key: SharingKey, work: () => Promise<T>): Promise<T> {
    this.#checkStarted()
    try {
      return await this.#perShadow.run(metadataKey(key), () => this.#inWork.run(work))
    } catch (error) {
      throw diskError(error)
    }
  }

  #checkStarted(): void {
    if (this.#report === undefined) throw notStarted()
  }
}
