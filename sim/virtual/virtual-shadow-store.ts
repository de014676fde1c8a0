import { sha256Hex } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { type ImageId, imageId, type ShadowKey, shadowNumber, sharingId } from '../../base/ids.ts'
import { KeyedMutex } from '../../base/keyed-mutex.ts'
import { afterKey, conflict, missing, notStarted, storeFull } from '../../storage/shadow-key.ts'
import type { ShadowEntry, ShadowStore, StoreUsage } from '../../storage/shadow-store.ts'
import type { VirtualDisk } from './virtual-disk.ts'

/** How a {@link VirtualShadowStore} is set up. */
export interface VirtualShadowStoreInit {
  readonly quotaBytes?: number
  /** `synced` is right. `written` is the bug of acknowledging too early, planted to see it caught. */
  readonly acknowledge?: 'synced' | 'written'
  /** `refuse` is right. `take` is the bug of keeping a second shadow of a sharing, planted to see it caught. */
  readonly conflicts?: 'refuse' | 'take'
}

/** Where a virtual slave's shadows lie on its disk. */
export const SHADOW_FILES = 'shadow/'

/** Shadows on a virtual disk. One file each; its name says everything but the bytes: image, sharing, number, digest. */
export class VirtualShadowStore implements ShadowStore {
  readonly #disk: VirtualDisk
  readonly #init: Required<VirtualShadowStoreInit>
  readonly #mutex = new KeyedMutex()
  /** By image and sharing. */
  readonly #entries = new Map<string, ShadowEntry>()
  #usedBytes = 0
  #started = false

  constructor(disk: VirtualDisk, init: VirtualShadowStoreInit = {}) {
    this.#disk = disk
    this.#init = {
      quotaBytes: init.quotaBytes ?? 2 ** 40,
      acknowledge: init.acknowledge ?? 'synced',
      conflicts: init.conflicts ?? 'refuse'
    }
  }

  async start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    this.#entries.clear()
    this.#usedBytes = 0
    for (const name of this.#disk.names(SHADOW_FILES)) {
      const entry = entryOf(name)
      this.#entries.set(sharingOf(entry), entry)
      this.#usedBytes += entry.bytes
    }
  }

  async stop(): Promise<void> {
    await this.#mutex.idle()
    this.#started = false
  }

  async put(key: ShadowKey, shadow: Uint8Array): Promise<void> {
    this.#checkStarted()
    const { image, sharing, number } = key
    const entry = { image, sharing, number, bytes: shadow.length, digest: sha256Hex(shadow) }
    const kept = shadow.slice()
    await this.#mutex.run(sharingOf(key), async () => {
      const held = this.#entries.get(sharingOf(key))
      if (held !== undefined) {
        if (held.number === number && held.digest === entry.digest) return
        if (this.#init.conflicts === 'refuse') throw conflict(held, key)
      }
      const freeBytes = this.#freeBytes()
      if (shadow.length > freeBytes) throw storeFull(shadow.length, freeBytes)
      this.#disk.write(fileOf(entry), kept)
      this.#usedBytes += shadow.length
      this.#entries.set(sharingOf(key), entry)
      if (this.#init.acknowledge === 'synced') await this.#disk.sync(fileOf(entry))
    })
  }

  async get(key: ShadowKey): Promise<Uint8Array> {
    this.#checkStarted()
    return this.#mutex.run(sharingOf(key), async () => {
      const entry = this.#entries.get(sharingOf(key))
      const shadow = entry?.number === key.number ? await this.#disk.read(fileOf(entry)) : undefined
      if (shadow === undefined) throw missing()
      if (sha256Hex(shadow) !== entry?.digest) {
        throw new NetError('SHADOW_CORRUPT', 'the shadow no longer has its digest')
      }
      return shadow
    })
  }

  async drop(key: ShadowKey): Promise<boolean> {
    this.#checkStarted()
    return this.#mutex.run(sharingOf(key), async () => {
      const entry = this.#entries.get(sharingOf(key))
      if (entry?.number !== key.number) return false
      this.#disk.remove(fileOf(entry))
      await this.#disk.sync(fileOf(entry))
      this.#entries.delete(sharingOf(key))
      this.#usedBytes -= entry.bytes
      return true
    })
  }

  async list(query: { image?: ImageId; after?: ShadowKey; limit?: number } = {}): Promise<ShadowEntry[]> {
    this.#checkStarted()
    const { image, after, limit = Number.POSITIVE_INFINITY } = query
    return [...this.#entries.values()]
      .filter(
        entry => (image === undefined || entry.image === image) && (after === undefined || afterKey(entry, after))
      )
      .sort((a, b) => (afterKey(a, b) ? 1 : -1))
      .slice(0, limit)
  }

  async usage(): Promise<StoreUsage> {
    this.#checkStarted()
    return { shadows: this.#entries.size, usedBytes: this.#usedBytes, freeBytes: this.#freeBytes() }
  }

  #freeBytes(): number {
    return Math.max(0, Math.min(this.#init.quotaBytes - this.#usedBytes, this.#disk.freeBytes))
  }

  #checkStarted(): void {
    if (!this.#started) throw notStarted()
  }
}

function sharingOf({ image, sharing }: ShadowKey): string {
  return `${image}/${sharing}`
}

function fileOf({ image, sharing, number, digest, bytes }: ShadowEntry): string {
  return `${SHADOW_FILES}${image}/${sharing}/${number}/${digest}/${bytes}`
}

/** The entry that a shadow's file name tells. */
export function entryOf(name: string): ShadowEntry {
  const [, image, sharing, number, digest, bytes] = name.split('/')
  return {
    image: imageId(image),
    sharing: sharingId(sharing),
    number: shadowNumber(Number(number)),
    digest,
    bytes: Number(bytes)
  }
}
