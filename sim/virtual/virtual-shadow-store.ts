import { sha256Hex } from '../../base/bytes.ts'
import type { ShadowKey } from '../../base/ids.ts'
import { KeyedMutex } from '../../base/keyed-mutex.ts'
import { hasShadowDigest, shadowDigest } from '../../base/shadow-digest.ts'
import { checkSame, conflict, corrupt, missing, notStarted, storeFull, withRecord } from '../../storage/shadow-key.ts'
import { type ListQuery, metadataKey } from '../../storage/shadow-metadata.ts'
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
} from '../../storage/shadow-store.ts'
import { inOrder, TrashIndex } from '../../storage/trash-index.ts'
import {
  entryOf,
  fileOf,
  markOf,
  BESIDE_FILES,
  recordFileOf,
  SHADOW_FILES,
  TRASH_FILES,
  trashedOf,
  trashFileOf
} from './shadow-file-names.ts'
import type { VirtualDisk } from './virtual-disk.ts'

/** How a {@link VirtualShadowStore} is set up. */
export interface VirtualShadowStoreInit {
  readonly quotaBytes?: number
  /** `synced` is right. `written` is the bug of acknowledging too early, planted to see it caught. */
  readonly acknowledge?: 'synced' | 'written'
  /** `refuse` is right. `take` is the bug of keeping a second shadow of a sharing, planted to see it caught. */
  readonly conflicts?: 'refuse' | 'take'
}

/** Shadows on a virtual disk. One file each; its name says everything but the bytes. */
export class VirtualShadowStore implements ShadowStore {
  readonly #disk: VirtualDisk
  readonly #init: Required<VirtualShadowStoreInit>
  readonly #mutex = new KeyedMutex()
  /** By image and sharing. */
  readonly #entries = new Map<string, ShadowEntry>()
  readonly #trash = new TrashIndex()
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
    this.#trash.clear()
    this.#usedBytes = 0
    const marks = new Map(this.#disk.names(BESIDE_FILES).map(markOf))
    const marked = <E extends ShadowEntry>(entry: E): E => ({ ...entry, record: marks.get(metadataKey(entry)) })
    for (const name of this.#disk.names(SHADOW_FILES)) this.#count(marked(entryOf(name)))
    for (const name of this.#disk.names(TRASH_FILES)) {
      const entry = marked(trashedOf(name))
      const other = this.#trash.find(entry)
      const [last, first] = other === undefined || other.time < entry.time ? [entry, other] : [other, entry]
      if (first !== undefined) this.#disk.remove(trashFileOf(first)) // killed before the older one was gone
      this.#trash.set(last)
    }
  }

  async stop(): Promise<void> {
    await this.#mutex.idle()
    this.#started = false
  }

  async put(key: ShadowKey, shadow: Uint8Array, { asked, counter, master, putAt }: ShadowOrigin): Promise<void> {
    const { image, sharing, number } = key
    const digest = shadowDigest(shadow, master)
    const entry = { image, sharing, number, bytes: shadow.length, digest, asked, counter, master, putAt }
    const kept = shadow.slice()
    await this.#turn(key, async () => {
      const held = this.#entries.get(metadataKey(key))
      if (this.#init.conflicts === 'refuse') {
        if (held !== undefined) return checkSame(held, entry)
        const trashed = this.#trash.find(key)
        if (trashed !== undefined && trashed.number !== number) throw conflict(trashed, key)
      }
      const freeBytes = this.#freeBytes()
      if (shadow.length > freeBytes) throw storeFull(shadow.length, freeBytes)
      while (this.#trash.shadows > 0 && this.#lacks(shadow.length)) this.#forgetOldest()
      this.#disk.write(fileOf(entry), kept)
      this.#count(entry)
      if (this.#init.acknowledge === 'synced') await this.#disk.sync(fileOf(entry))
    })
  }

  get(key: ShadowKey): Promise<Uint8Array> {
    return this.#turn(key, async () => {
      const entry = this.#find(key)
      const shadow = entry && (await this.#disk.read(fileOf(entry)))
      if (entry === undefined || shadow === undefined) throw missing()
      if (!hasShadowDigest(shadow, entry)) throw corrupt()
      return shadow
    })
  }

  putRecord(key: SharingKey, sealed: Uint8Array, put: RecordPut): Promise<void> {
    const kept = sealed.slice()
    return this.#turn(key, async () => {
      const held = this.#entries.get(metadataKey(key))
      const entry = withRecord(held, { bytes: kept.length, digest: sha256Hex(kept) }, put)
      if (held === undefined || held.record?.digest === entry.record?.digest) return
      const more = footprint(entry) - footprint(held)
      if (more > this.#freeBytes()) throw storeFull(more, this.#freeBytes())
      while (this.#trash.shadows > 0 && this.#lacks(more)) this.#forgetOldest()
      this.#disk.write(recordFileOf(entry), kept)
      await this.#disk.sync(recordFileOf(entry))
      if (held.record !== undefined) this.#disk.remove(recordFileOf(held))
      this.#usedBytes -= footprint(held)
      this.#count(entry)
    })
  }

  getRecord(key: SharingKey): Promise<Uint8Array | undefined> {
    return this.#turn(key, async () => {
      const entry = this.#entries.get(metadataKey(key))
      const sealed = entry?.record && (await this.#disk.read(recordFileOf(entry)))
      return sealed && sha256Hex(sealed) === entry?.record?.digest ? sealed : undefined
    })
  }

  find(key: ShadowKey): Promise<ShadowEntry | undefined> {
    return this.#turn(key, async () => this.#find(key))
  }

  drop(key: ShadowKey, { reason, time }: ShadowDrop): Promise<boolean> {
    return this.#turn(key, async () => {
      const entry = this.#find(key)
      if (entry === undefined) return false
      const old = this.#trash.find(key)
      const trashed = { ...entry, reason, time }
      await this.#move(fileOf(entry), trashFileOf(trashed))
      this.#entries.delete(metadataKey(key))
      this.#usedBytes -= footprint(entry)
      if (old !== undefined && trashFileOf(old) !== trashFileOf(trashed)) this.#disk.remove(trashFileOf(old))
      this.#trash.set(trashed)
      return true
    })
  }

  async list(query: ListQuery = {}): Promise<ShadowEntry[]> {
    this.#checkStarted()
    return inOrder([...this.#entries.values()], query)
  }

  async listTrash(query: ListQuery = {}): Promise<TrashedShadow[]> {
    this.#checkStarted()
    return this.#trash.list(query)
  }

  restore(key: ShadowKey): Promise<boolean> {
    return this.#turn(key, async () => {
      const trashed = this.#trash.find(key)
      if (trashed?.number !== key.number) return false
      const held = this.#entries.get(metadataKey(key))
      if (held !== undefined) throw conflict(held, key)
      const { reason, time, ...entry } = trashed
      this.#trash.delete(key)
      this.#count(entry)
      await this.#move(trashFileOf(trashed), fileOf(entry))
      return true
    })
  }

  async expire(before: number): Promise<number> {
    this.#checkStarted()
    let gone = 0
    for (let next = this.#trash.oldest(); next !== undefined && next.time < before; next = this.#trash.oldest()) {
      this.#forgetOldest()
      gone++
    }
    return gone
  }

  async usage(): Promise<StoreUsage> {
    this.#checkStarted()
    const { shadows: trashed, bytes: trashBytes } = this.#trash
    const [shadows, usedBytes, freeBytes] = [this.#entries.size, this.#usedBytes, this.#freeBytes()]
    return { shadows, usedBytes, freeBytes, trashed, trashBytes }
  }

  /** A rename, safe at its end first: a crash leaves the file in one place or in both. */
  async #move(from: string, to: string): Promise<void> {
    this.#disk.rename(from, to)
    await this.#disk.sync(to)
    await this.#disk.sync(from)
  }

  #find(key: ShadowKey): ShadowEntry | undefined {
    const entry = this.#entries.get(metadataKey(key))
    return entry?.number === key.number ? entry : undefined
  }

  #count(entry: ShadowEntry): void {
    this.#entries.set(metadataKey(entry), entry)
    this.#usedBytes += footprint(entry)
  }

  #forgetOldest(): void {
    const oldest = this.#trash.oldest()
    if (oldest === undefined) return
    this.#trash.delete(oldest)
    this.#disk.remove(trashFileOf(oldest))
    const isHeld = this.#entries.get(metadataKey(oldest))?.record?.digest === oldest.record?.digest
    if (oldest.record !== undefined && !isHeld) this.#disk.remove(recordFileOf(oldest))
  }

  /** Whether a put does not fit beside the trash. */
  #lacks(bytes: number): boolean {
    return this.#usedBytes + this.#trash.bytes + bytes > this.#init.quotaBytes || bytes > this.#disk.freeBytes
  }

  /** What may still be put, the trash being given up for it. */
  #freeBytes(): number {
    const diskBytes = this.#disk.freeBytes + this.#trash.bytes
    return Math.max(0, Math.min(this.#init.quotaBytes - this.#usedBytes, diskBytes))
  }

  async #turn<T>(key: SharingKey, work: () => Promise<T>): Promise<T> {
    this.#checkStarted()
    return this.#mutex.run(metadataKey(key), work)
  }

  #checkStarted(): void {
    if (!this.#started) throw notStarted()
  }
}
