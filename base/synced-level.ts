import { realpath } from 'node:fs/promises'
import { Level } from 'level'
import { diskError } from './disk-error.ts'
import { NetError } from './errors.ts'
import { makeFolder } from './folders.ts'

/** One line of a batch. */
export type LevelChange =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** A range of keys, in key order. */
export interface LevelRange {
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly limit?: number
}

/**
 * A Level database whose every change is on stable storage once acknowledged. After a failed write the log's tail is in
 * doubt, so the database is opened anew before it is used again. Errors are NetErrors of `diskError`.
 */
export class SyncedLevel {
  readonly #folder: string
  #level: Level<string, Uint8Array> | undefined
  #opening: Promise<Level<string, Uint8Array>> | undefined

  /** Nothing is opened before {@link SyncedLevel.open}. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws NetError `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_CORRUPT`, `STORE_FULL` */
  async open(): Promise<void> {
    await this.#opened()
  }

  /** Close; another process may open the folder then. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined) // its failure went to who asked for it
    const level = this.#level
    this.#level = undefined
    await level?.close()
  }

  /** The value under a key, or undefined. */
  async get(key: string): Promise<Uint8Array | undefined> {
    return await this.#run(level => level.get(key))
  }

  /** The values under these keys, undefined where there is none. */
  async getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return await this.#run(level => level.getMany(keys))
  }

  /** All pairs of a range at once; give it a limit. */
  async list(range: LevelRange): Promise<[string, Uint8Array][]> {
    return await this.#run(level => level.iterator(range).all())
  }

  /** The pairs of a range, in pages. */
  async *pages(range: LevelRange, pageSize: number): AsyncGenerator<[string, Uint8Array][]> {
    for (let next = range; ; ) {
      const page = await this.list({ ...next, limit: pageSize })
      if (page.length > 0) yield page
      if (page.length < pageSize) return
      next = { gt: page[page.length - 1][0], lt: range.lt }
    }
  }

  /** Make all these changes or none; resolves once they are on stable storage. */
  async commit(changes: readonly LevelChange[]): Promise<void> {
    const level = await this.#opened()
    try {
      await level.batch([...changes], { sync: true })
    } catch (error) {
      if (this.#level === level) this.#level = undefined
      await level.close().catch(() => undefined) // the write's own error says more
      throw diskError(error)
    }
  }

  async #run<T>(work: (level: Level<string, Uint8Array>) => Promise<T>): Promise<T> {
    for (;;) {
      const level = await this.#opened()
      try {
        return await work(level)
      } catch (error) {
        if (this.#level === level) throw diskError(error)
        // closed under this read by a failed write: read again from the one opened anew
      }
    }
  }

  async #opened(): Promise<Level<string, Uint8Array>> {
    if (this.#level !== undefined) return this.#level
    this.#opening ??= openLevel(this.#folder)
      .then(level => {
        this.#level = level
        return level
      })
      .finally(() => {
        this.#opening = undefined
      })
    return await this.#opening
  }
}

// LevelDB opens the lock file before it looks whether this process has the lock, and closing it again gives up the lock
// that the process has (POSIX). So a second opening in one process must not reach LevelDB at all.
const openFolders = new Set<string>()

async function openLevel(folder: string): Promise<Level<string, Uint8Array>> {
  await makeFolder(folder)
  const path = await realpath(folder)
  if (openFolders.has(path)) throw new NetError('STORE_LOCKED', 'this process already works in this folder')
  openFolders.add(path)
  const level = new Level<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
  level.once('closed', () => openFolders.delete(path))
  try {
    await level.open()
    return level
  } catch (error) {
    openFolders.delete(path)
    throw diskError(error)
  }
}
