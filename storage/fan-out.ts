import { join } from 'node:path'
import type { ImageId } from '../base/ids.ts'
import type { Disk } from './disk.ts'
import { foldersOf } from './shadow-file.ts'

interface Outer {
  /** Work going on below this folder. */
  users: number
  /** Resolves when the inner folder of this name is durably there. */
  readonly inner: Map<string, Promise<void>>
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

  /** Run `work` while the folder of `image` is there. */
  async within<T>(image: ImageId, work: (folder: string) => Promise<T>): Promise<T> {
    const [outerName, innerName] = foldersOf(image)
    const outer = this.#outer.get(outerName) ?? { users: 0, inner: new Map(), removal: Promise.resolve() }
    this.#outer.set(outerName, outer)
    outer.users++
    try {
      const folder = join(this.#root, innerName)
      await this.#ready(outer, innerName, folder)
      return await work(folder)
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

  async #ready(outer: Outer, innerName: string, folder: string): Promise<void> {
    await outer.removal
    const known = outer.inner.get(innerName) ?? this.#disk.makeFolder(folder)
    outer.inner.set(innerName, known)
    try {
      await known
    } catch (error) {
      if (outer.inner.get(innerName) === known) outer.inner.delete(innerName)
      throw error
    }
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
