import { join } from 'node:path'
import { sha256Hex } from '../base/bytes.ts'
import { diskError } from '../base/disk-error.ts'
import { isNetError, NetError, systemCode } from '../base/errors.ts'
import type { ImageId, ShadowKey } from '../base/ids.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import { withDefaults } from '../base/options.ts'
import { Semaphore } from '../base/semaphore.ts'
import { SyncedLevel } from '../base/synced-level.ts'
import { type Disk, removeQuietly, systemDisk } from './disk.ts'
import { FanOut } from './fan-out.ts'
import { GroupCommit } from './group-commit.ts'
import { reconcile, type StartReport } from './reconcile.ts'
import { filePath, temporaryPath } from './shadow-file.ts'
import { conflict, missing, notStarted, storeFull } from './shadow-key.ts'
import { entryChange, findEntry, listEntries, metadataKey } from './shadow-metadata.ts'
import type { ShadowEntry, ShadowStore, StoreUsage } from './shadow-store.ts'

/** How a {@link DiskShadowStore} is set up. */
export interface DiskShadowStoreInit {
  /** Most bytes of shadows kept at one time. */
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
 * name and its metadata are on stable storage; the name carries the digest, so metadata can be made anew from the files.
 */
export class DiskShadowStore implements ShadowStore {
  readonly #root: string
  readonly #init: Required<DiskShadowStoreInit>
  readonly #level: SyncedLevel
  readonly #commits: GroupCommit
  readonly #fanOut: FanOut
  readonly #perShadow = new KeyedMutex()
  readonly #inWork = new Semaphore(WIDTH)
  readonly #lifecycle = new Semaphore(1) // starts and stops, one after the other
  #report: StartReport | undefined
  #shadows = 0
  #usedBytes = 0
  /** Bytes of puts that are going on. */
  #pendingBytes = 0

  /** @param folder made on start if it is not there; belongs to one store of one process */
  constructor(folder: string, init: DiskShadowStoreInit = {}) {
    this.#root = join(folder, 'shadows')
    this.#init = withDefaults<Required<DiskShadowStoreInit>>(DISK_SHADOW_STORE_DEFAULTS, init)
    this.#level = new SyncedLevel(join(folder, 'metadata'))
    this.#commits = new GroupCommit(this.#level)
    this.#fanOut = new FanOut(this.#init.disk, this.#root)
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
        await disk.makeFolder(this.#root)
        await this.#level.open()
        await disk.checkWritable(this.#root)
        const report = await reconcile({ disk, root: this.#root, level: this.#level })
        this.#shadows = report.shadows
        this.#usedBytes = report.usedBytes
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

  put(key: ShadowKey, shadow: Uint8Array): Promise<void> {
    return this.#turn(key, async () => {
      const { image, sharing, number } = key
      const entry: ShadowEntry = { image, sharing, number, bytes: shadow.length, digest: sha256Hex(shadow) }
      const held = await findEntry(this.#level, key)
      if (held === undefined) return await this.#keep(entry, shadow)
      if (held.number !== number || held.digest !== entry.digest) throw conflict(held, key)
      // The same again: nothing to do, unless the disk has spoilt it and this is its repair.
      if (!(await this.#isSound(held))) await this.#write(entry, shadow)
    })
  }

  get(key: ShadowKey): Promise<Uint8Array> {
    return this.#turn(key, async () => {
      const entry = await findEntry(this.#level, key)
      if (entry?.number !== key.number) throw missing()
      return await this.#read(entry)
    })
  }

  drop(key: ShadowKey): Promise<boolean> {
    return this.#turn(key, async () => {
      const { disk } = this.#init
      const entry = await findEntry(this.#level, key)
      if (entry?.number !== key.number) return false
      // The file goes last: killed in between, the next start finds a shadow nobody was told is gone.
      await this.#commits.commit({ type: 'del', key: metadataKey(key) })
      this.#shadows--
      this.#usedBytes -= entry.bytes
      await this.#fanOut.within(key.image, async folder => {
        await disk.remove(join(this.#root, filePath(entry)))
        await disk.syncFolder(folder)
      })
      await this.#fanOut.tidy(key.image)
      return true
    })
  }

  async list(query: { image?: ImageId; after?: ShadowKey; limit?: number } = {}): Promise<ShadowEntry[]> {
    this.#checkStarted()
    return await listEntries(this.#level, query)
  }

  async usage(): Promise<StoreUsage> {
    this.#checkStarted()
    const diskBytes = await this.#diskFreeBytes()
    const freeBytes = Math.max(0, Math.min(this.#quotaFreeBytes(), diskBytes))
    return { shadows: this.#shadows, usedBytes: this.#usedBytes, freeBytes }
  }

  async #keep(entry: ShadowEntry, shadow: Uint8Array): Promise<void> {
    const diskBytes = await this.#diskFreeBytes()
    // No wait between this check and the reservation, so puts that run together cannot pass it together.
    const freeBytes = Math.min(this.#quotaFreeBytes(), diskBytes - this.#pendingBytes)
    if (entry.bytes > freeBytes) throw storeFull(entry.bytes, Math.max(0, freeBytes))
    this.#pendingBytes += entry.bytes
    try {
      await this.#write(entry, shadow)
      await this.#commit(entry)
      this.#shadows++
      this.#usedBytes += entry.bytes
    } finally {
      this.#pendingBytes -= entry.bytes
    }
  }

  async #write(entry: ShadowEntry, shadow: Uint8Array): Promise<void> {
    const { disk } = this.#init
    const temporary = join(this.#root, temporaryPath(entry))
    const path = join(this.#root, filePath(entry))
    await this.#fanOut.within(entry.image, async (folder, durable) => {
      try {
        await disk.write(temporary, shadow)
        await disk.rename(temporary, path)
        await Promise.all([disk.syncFolder(folder), durable])
      } catch (error) {
        await removeQuietly(disk, temporary, path)
        throw isNetError(diskError(error), 'STORE_FULL') ? storeFull(entry.bytes, 0, error) : error
      }
    })
  }

  async #commit(entry: ShadowEntry): Promise<void> {
    try {
      await this.#commits.commit(entryChange(entry))
    } catch (error) {
      await removeQuietly(this.#init.disk, join(this.#root, filePath(entry)))
      // The failed write may still have reached the log; should this not reach it either, the next start drops it.
      await this.#commits.commit({ type: 'del', key: metadataKey(entry) }).catch(() => undefined)
      throw error
    }
  }

  async #read(entry: ShadowEntry): Promise<Uint8Array> {
    let shadow: Uint8Array
    try {
      shadow = await this.#init.disk.read(join(this.#root, filePath(entry)))
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') throw missing()
      if (systemCode(cause) === 'EIO')
        throw new NetError('SHADOW_CORRUPT', 'the disk cannot read the shadow', { cause })
      throw cause
    }
    if (shadow.length !== entry.bytes || sha256Hex(shadow) !== entry.digest) {
      throw new NetError('SHADOW_CORRUPT', 'the shadow no longer has its digest')
    }
    return shadow
  }

  async #isSound(entry: ShadowEntry): Promise<boolean> {
    try {
      await this.#read(entry)
      return true
    } catch (error) {
      if (isNetError(error, 'SHADOW_CORRUPT', 'SHADOW_MISSING')) return false
      throw error
    }
  }

  #quotaFreeBytes(): number {
    return this.#init.quotaBytes - this.#usedBytes - this.#pendingBytes
  }

  async #diskFreeBytes(): Promise<number> {
    return (await this.#init.disk.freeBytes(this.#root)) - this.#init.reserveBytes
  }

  async #turn<T>(key: ShadowKey, work: () => Promise<T>): Promise<T> {
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
