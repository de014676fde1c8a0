import { dirname, join } from 'node:path'
import { systemCode } from '../base/errors.ts'
import { Semaphore } from '../base/semaphore.ts'
import { hasShadowDigest } from '../base/shadow-digest.ts'
import type { LevelChange } from '../base/synced-level.ts'
import type { Disk } from './disk.ts'
import { FanOut } from './fan-out.ts'
import type { GroupCommit } from './group-commit.ts'
import type { StoreParts } from './reconcile.ts'
import { trashPath } from './shadow-file.ts'
import { corrupt } from './shadow-key.ts'
import {
  findTrashed,
  listTrashed,
  type ListQuery,
  OLDEST_RANGE,
  oldestKey,
  readOldestKey,
  trashChanges,
  untrashChanges
} from './shadow-metadata.ts'
import { footprint, type SharingKey, type TrashedShadow } from './shadow-store.ts'

/** Where a trash works: its own folder, and its store's metadata. */
export interface DiskTrashParts extends StoreParts {
  readonly commits: GroupCommit
}

/** A file outside the trash, and the change of metadata that goes with its move. */
export interface Move {
  readonly path: string
  readonly change: LevelChange
  /** What moves the record beside it, if there is one. */
  readonly record: readonly LevelChange[]
}

/**
 * Shadows that were dropped, as files below a folder of their own. A move is a rename, made durable at its end first, so
 * that a power cut leaves the file in one place or in both; then one batch of metadata. A name tells all that is needed
 * to make the metadata anew.
 */
export class DiskTrash {
  readonly #parts: DiskTrashParts
  readonly #disk: Disk
  readonly #fanOut: FanOut
  /** Files leave the trash one after another: a restore never races the making of room. */
  readonly #leaving = new Semaphore(1)
  #shadows = 0
  #bytes = 0

  constructor(parts: DiskTrashParts) {
    this.#parts = parts
    this.#disk = parts.disk
    this.#fanOut = new FanOut(parts.disk, parts.root)
  }

  get shadows(): number {
    return this.#shadows
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Begin with what a start found. */
  reset(found: { readonly trashed: number; readonly trashBytes: number }): void {
    this.#fanOut.reset()
    this.#shadows = found.trashed
    this.#bytes = found.trashBytes
  }

  /** What the trash has of a sharing. */
  find(key: SharingKey): Promise<TrashedShadow | undefined> {
    return findTrashed(this.#parts.level, key)
  }

  list(query: ListQuery): Promise<TrashedShadow[]> {
    return listTrashed(this.#parts.level, query)
  }

  /** Take a shadow in; what was here of its sharing goes. A file that the disk has lost takes only its metadata away. */
  async add(entry: TrashedShadow, from: Move): Promise<void> {
    const take = async (): Promise<void> => this.#take(entry, from, await this.find(entry))
    // Only where something of the sharing is here already could the making of room meet this.
    return (await this.find(entry)) === undefined ? await take() : await this.#leaving.run(take)
  }

  async #take(entry: TrashedShadow, from: Move, old: TrashedShadow | undefined): Promise<void> {
    const path = this.#pathOf(entry)
    const isThere = await this.#fanOut.within(entry.image, async (folder, durable) => {
      await durable // a file that moves into a folder which a power cut takes would be in neither place
      if (!(await this.#move(from.path, path))) return false
      await this.#orBack({ path, back: from.path }, async () => {
        await this.#disk.syncFolder(folder)
        await this.#disk.syncFolder(dirname(from.path))
        const [gone, come] = [old ? untrashChanges(old) : [], [...from.record, ...trashChanges(entry)]]
        await this.#parts.commits.commit(from.change, ...gone, ...come)
      })
      return true
    })
    if (!isThere) {
      return await this.#parts.commits.commit(from.change, ...from.record.filter(({ type }) => type === 'del'))
    }
    this.#count(1, footprint(entry))
    if (old === undefined) return
    this.#count(-1, -footprint(old))
    if (this.#pathOf(old) !== path) await this.#removeFile(old)
  }

  /** Give a shadow back to `to`, whose folder is there; `durable` resolves once that folder is. False when it is not here. */
  async giveBack(entry: TrashedShadow, to: Move, durable: Promise<void>): Promise<boolean> {
    return await this.#leaving.run(async () => {
      const found = await this.find(entry)
      if (found === undefined || found.time !== entry.time) return false // made room for a put meanwhile
      await this.#checkSound(entry)
      const path = this.#pathOf(entry)
      await durable
      if (!(await this.#move(path, to.path))) throw corrupt()
      await this.#orBack({ path: to.path, back: path }, async () => {
        await this.#disk.syncFolder(dirname(to.path))
        await this.#disk.syncFolder(dirname(path))
        await this.#parts.commits.commit(...untrashChanges(entry), to.change, ...to.record)
      })
      this.#count(-1, -footprint(entry))
      await this.#fanOut.tidy(entry.image)
      return true
    })
  }

  /** Forget the oldest shadows while `isWanted` says so, given when the next one was dropped; resolves to how many went. */
  async forget(isWanted: (time: number) => boolean | Promise<boolean>): Promise<number> {
    return await this.#leaving.run(async () => {
      for (let gone = 0; ; gone++) {
        const [first] = await this.#parts.level.list({ ...OLDEST_RANGE, limit: 1 })
        if (first === undefined) return gone
        const next = readOldestKey(first[0])
        if (!(await isWanted(next.time))) return gone
        await this.#forgetOne(next)
      }
    })
  }

  async #forgetOne(next: Pick<TrashedShadow, 'image' | 'sharing' | 'time'>): Promise<void> {
    const entry = await findTrashed(this.#parts.level, next)
    if (entry === undefined || entry.time !== next.time) {
      return await this.#parts.commits.commit({ type: 'del', key: oldestKey(next) })
    }
    // The file goes first: killed in between, the next start finds metadata without a file and takes it away.
    await this.#removeFile(entry)
    await this.#parts.commits.commit(...untrashChanges(entry))
    this.#count(-1, -footprint(entry))
  }

  async #removeFile(entry: TrashedShadow): Promise<void> {
    await this.#disk.remove(this.#pathOf(entry))
    await this.#fanOut.tidy(entry.image)
  }

  async #checkSound(entry: TrashedShadow): Promise<void> {
    let shadow: Uint8Array
    try {
      shadow = await this.#disk.read(this.#pathOf(entry))
    } catch (cause) {
      throw corrupt(cause)
    }
    if (shadow.length !== entry.bytes || !hasShadowDigest(shadow, entry)) throw corrupt()
  }

  /** False when there is no such file. */
  async #move(from: string, to: string): Promise<boolean> {
    try {
      await this.#disk.rename(from, to)
      return true
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false
      throw error
    }
  }

  /** Make a move durable; when that fails the file goes back, and the metadata still tells where it is. */
  async #orBack({ path, back }: { path: string; back: string }, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      await this.#disk.rename(path, back).catch(() => undefined) // the next start puts right what stays
      throw error
    }
  }

  #pathOf(entry: TrashedShadow): string {
    return join(this.#parts.root, trashPath(entry))
  }

  #count(shadows: number, bytes: number): void {
    this.#shadows += shadows
    this.#bytes += bytes
  }
}
