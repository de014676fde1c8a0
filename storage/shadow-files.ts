import { join } from 'node:path'
import { diskError } from '../base/disk-error.ts'
import { isNetError, systemCode } from '../base/errors.ts'
import type { ImageId } from '../base/ids.ts'
import { hasShadowDigest } from '../base/shadow-digest.ts'
import { type Disk, removeQuietly } from './disk.ts'
import { FanOut } from './fan-out.ts'
import { filePath, temporaryPath } from './shadow-file.ts'
import { corrupt, missing, storeFull } from './shadow-key.ts'
import type { ShadowEntry } from './shadow-store.ts'

/** The files of the shadows that are held, below one folder. */
export class ShadowFiles {
  readonly #disk: Disk
  readonly #root: string
  readonly #fanOut: FanOut

  /** @param root the folder of all shadows, which exists when it is first used */
  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
    this.#fanOut = new FanOut(disk, root)
  }

  /** Begin anew after a start, which removes empty folders. */
  reset(): void {
    this.#fanOut.reset()
  }

  /** Where the shadow of an entry lies. */
  pathOf(entry: ShadowEntry): string {
    return join(this.#root, filePath(entry))
  }

  /** Run `work` while the folder of `image` is there; `durable` resolves once it would be after a power cut. */
  within<T>(image: ImageId, work: (durable: Promise<void>) => Promise<T>): Promise<T> {
    return this.#fanOut.within(image, (_, durable) => work(durable))
  }

  /** Remove the folders of `image` if nothing is in them. */
  tidy(image: ImageId): Promise<void> {
    return this.#fanOut.tidy(image)
  }

  /** Write a shadow; resolves once file and name are on stable storage. @throws NetError `STORE_FULL`, or what the disk throws */
  async write(entry: ShadowEntry, shadow: Uint8Array): Promise<void> {
    const temporary = join(this.#root, temporaryPath(entry))
    const path = this.pathOf(entry)
    await this.#fanOut.within(entry.image, async (folder, durable) => {
      try {
        await this.#disk.write(temporary, shadow)
        await this.#disk.rename(temporary, path)
        await Promise.all([this.#disk.syncFolder(folder), durable])
      } catch (error) {
        await removeQuietly(this.#disk, temporary, path)
        throw isNetError(diskError(error), 'STORE_FULL') ? storeFull(entry.bytes, 0, error) : error
      }
    })
  }

  /** Take a shadow's file away after a failure. */
  async remove(entry: ShadowEntry): Promise<void> {
    await removeQuietly(this.#disk, this.pathOf(entry))
  }

  /** The bytes of a shadow. @throws NetError `SHADOW_MISSING`, `SHADOW_CORRUPT`, or what the disk throws */
  async read(entry: ShadowEntry): Promise<Uint8Array> {
    let shadow: Uint8Array
    try {
      shadow = await this.#disk.read(this.pathOf(entry))
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') throw missing()
      if (systemCode(cause) === 'EIO') throw corrupt(cause)
      throw cause
    }
    if (shadow.length !== entry.bytes || !hasShadowDigest(shadow, entry)) throw corrupt()
    return shadow
  }

  /** Whether a shadow still reads as it was put. */
  async isSound(entry: ShadowEntry): Promise<boolean> {
    try {
      await this.read(entry)
      return true
    } catch (error) {
      if (isNetError(error, 'SHADOW_CORRUPT', 'SHADOW_MISSING')) return false
      throw error
    }
  }
}
