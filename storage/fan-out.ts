import { dirname, join } from 'node:path'
import type { ImageId } from '../base/ids.ts'
import type { Disk } from './disk.ts'
import { foldersOf } from './shadow-file.ts'

interface Inner {
  /** Resolves when the folder is there. */
  readonly made: Promise<void>
  /** Resolves when it would be there after a power cut. */
  readonly durable: Promise<void>
}

interface Outer {
  /** Work going on below this folder. */
  users: number
  readonly inner: Map<string, Inner>
  /** Resolves when this folder itself would be there after a power cut; undefined when nobody has seen to it yet. */
  durable?: Promise<void>
  /** A removal of empty folders that must end before anything new begins. */
  removal: Promise<void>
}

/** The folders that shadows lie in: made durably before use, removed when empty and nobody works below them. */
export class FanOut {
  readonly #disk: Disk
  readonly #root: string
  readonly #outer = new Map<string, Outer>()

  /** @param root the folder of all shadows, which exists */
  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  /** Forget which folders are there: others may have removed empty ones. Only while nothing is in work. */
  reset(): void {
    this.#outer.clear()
  }

  /**
   * Run `work` while the folder of `image` is there. `durable` resolves once the folder itself is: what is acknowledged
   * must wait for it, but the writing need not.
   */
  async within<T>(image: ImageId, work: (folder: string, durable: Promise<void>) => Promise<T>): Promise<T> {
    const [outerName, innerName] = foldersOf(image)
    const outer = this.#outer.get(outerName) ?? { users: 0, inner: new Map(), removal: Promise.resolve() }
    this.#outer.set(outerName, outer)
    outer.users++
    try {
      const folder = join(this.#root, innerName)
      const { durable } = await this.#ready(outer, innerName, folder)
      return await work(folder, durable)
    } finally {
      outer.users--
    }
  }

  /** Remove the folders of `image` if nothing is in them and nobody is about to put something there. */
  async tidy(image: ImageId): Promise<void> {
    const [outerName, innerName] = foldersOf(image)
    const outer = this.#outer.get(outerName)
    if (outer !== undefined && outer.users > 0) return // the next drop below it, or the next start, does it
    const removal = (outer?.removal ?? Promise.resolve()).then(() => this.#removeEmpty(outerName, innerName))
    this.#outer.set(outerName, { users: 0, inner: new Map(), removal })
    await removal
  }

  /** Wait until the folder is there; the promise in the answer tells when it is durable. */
  async #ready(outer: Outer, innerName: string, folder: string): Promise<Pick<Inner, 'durable'>> {
    await outer.removal
    const known = outer.inner.get(innerName) ?? this.#make(outer, folder)
    outer.inner.set(innerName, known)
    known.durable.catch(() => {
      if (outer.inner.get(innerName) === known) outer.inner.delete(innerName) // the next one tries again
    })
    await known.made
    return { durable: known.durable } // wrapped, or this function would wait for it
  }

  #make(outer: Outer, folder: string): Inner {
    const made = this.#disk.addFolder(folder)
    const durable = made.then(async () => {
      // A put beside this one may have made the outer folder and still be about to sync it: wait for the same sync.
      outer.durable ??= this.#disk.syncFolder(this.#root)
      try {
        await Promise.all([outer.durable, this.#disk.syncFolder(dirname(folder))])
      } catch (error) {
        outer.durable = undefined
        throw error
      }
    })
    return { made, durable }
  }

  async #removeEmpty(outerName: string, innerName: string): Promise<void> {
    try {
      await this.#disk.removeEmpty(join(this.#root, innerName))
      await this.#disk.removeEmpty(join(this.#root, outerName))
    } catch {
      // An empty folder that stays is only untidy; the drop itself is done.
    }
  }
}
