import { sha256Hex } from '../base/bytes.ts'
import type { ShadowKey } from '../base/ids.ts'
import { withDefaults } from '../base/options.ts'
import { hasShadowDigest, shadowDigest } from '../base/shadow-digest.ts'
import { checkSame, conflict, corrupt, missing, notStarted, storeFull, withRecord } from './shadow-key.ts'
import { type ListQuery, metadataKey } from './shadow-metadata.ts'
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
import { inOrder, TrashIndex } from './trash-index.ts'

/** How a {@link MemoryShadowStore} is set up. */
export interface MemoryShadowStoreInit {
  /** Most bytes of shadows kept at one time, with those in the trash. */
  quotaBytes?: number
}

/** Defaults of {@link MemoryShadowStoreInit}. */
const MEMORY_SHADOW_STORE_DEFAULTS = Object.freeze({
  quotaBytes: 2 ** 30 // a slave in a test never holds more
}) satisfies Required<MemoryShadowStoreInit>

/** Shadows in memory, for tests and the simulator. What it holds survives `stop` and `start`, not the process. */
export class MemoryShadowStore implements ShadowStore {
  readonly #quotaBytes: number
  /** By image and sharing: a sharing has at most one shadow here. */
  readonly #entries = new Map<string, ShadowEntry>()
  readonly #trash = new TrashIndex()
  /** Of what is held and what is in the trash. */
  readonly #bytes = new Map<ShadowEntry, Uint8Array>()
  /** Beside them. */
  readonly #records = new Map<ShadowEntry, Uint8Array>()
  #started = false
  #usedBytes = 0

  constructor(init: MemoryShadowStoreInit = {}) {
    this.#quotaBytes = withDefaults(MEMORY_SHADOW_STORE_DEFAULTS, init).quotaBytes
  }

  async start(): Promise<void> {
    this.#started = true
  }

  async stop(): Promise<void> {
    this.#started = false
  }

  async put(key: ShadowKey, shadow: Uint8Array, { asked, counter, master, putAt }: ShadowOrigin): Promise<void> {
    this.#checkStarted()
    const { image, sharing, number } = key
    const digest = shadowDigest(shadow, master)
    const entry = { image, sharing, number, bytes: shadow.length, digest, asked, counter, master, putAt }
    const held = this.#entries.get(metadataKey(key))
    if (held !== undefined) return checkSame(held, entry)
    const trashed = this.#trash.find(key)
    if (trashed !== undefined && trashed.number !== number) throw conflict(trashed, key)
    const freeBytes = this.#freeBytes()
    if (shadow.length > freeBytes) throw storeFull(shadow.length, freeBytes)
    while (this.#trash.bytes + shadow.length > freeBytes) this.#forgetOldest()
    this.#keep(entry, shadow.slice())
  }

  async get(key: ShadowKey): Promise<Uint8Array> {
    return this.#read(this.#find(key)).slice()
  }

  async putRecord(key: SharingKey, sealed: Uint8Array, put: RecordPut): Promise<void> {
    this.#checkStarted()
    const held = this.#entries.get(metadataKey(key))
    const entry = withRecord(held, { bytes: sealed.length, digest: sha256Hex(sealed) }, put)
    if (held === undefined || held.record?.digest === entry.record?.digest) return
    const more = footprint(entry) - footprint(held)
    const freeBytes = this.#freeBytes()
    if (more > freeBytes) throw storeFull(more, freeBytes)
    while (this.#trash.bytes + more > freeBytes) this.#forgetOldest()
    const shadow = this.#bytes.get(held)
    if (shadow === undefined) throw missing()
    this.#forget(held)
    this.#usedBytes -= footprint(held)
    this.#records.set(entry, sealed.slice())
    this.#keep(entry, shadow)
  }

  async getRecord(key: SharingKey): Promise<Uint8Array | undefined> {
    this.#checkStarted()
    const held = this.#entries.get(metadataKey(key))
    return held && this.#records.get(held)?.slice()
  }

  async find(key: ShadowKey): Promise<ShadowEntry | undefined> {
    return this.#find(key)
  }

  async drop(key: ShadowKey, { reason, time }: ShadowDrop): Promise<boolean> {
    const held = this.#find(key)
    const shadow = held && this.#bytes.get(held)
    if (held === undefined || shadow === undefined) return false
    this.#entries.delete(metadataKey(key))
    this.#bytes.delete(held)
    this.#usedBytes -= footprint(held)
    const [old, entry] = [this.#trash.find(key), { ...held, reason, time }]
    if (old !== undefined) this.#forget(old)
    this.#trash.set(entry)
    this.#bytes.set(entry, shadow)
    this.#moveRecord(held, entry)
    return true
  }

  async list(query: ListQuery = {}): Promise<ShadowEntry[]> {
    this.#checkStarted()
    return inOrder([...this.#entries.values()], query)
  }

  async listTrash(query: ListQuery = {}): Promise<TrashedShadow[]> {
    this.#checkStarted()
    return this.#trash.list(query)
  }

  async restore(key: ShadowKey): Promise<boolean> {
    this.#checkStarted()
    const trashed = this.#trash.find(key)
    if (trashed?.number !== key.number) return false
    const held = this.#entries.get(metadataKey(key))
    if (held !== undefined) throw conflict(held, key)
    const { reason, time, ...entry } = trashed
    const shadow = this.#read(trashed)
    this.#trash.delete(key)
    this.#bytes.delete(trashed)
    this.#moveRecord(trashed, entry)
    this.#keep(entry, shadow)
    return true
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

  #find(key: ShadowKey): ShadowEntry | undefined {
    this.#checkStarted()
    const held = this.#entries.get(metadataKey(key))
    return held?.number === key.number ? held : undefined
  }

  #keep(entry: ShadowEntry, shadow: Uint8Array): void {
    this.#entries.set(metadataKey(entry), entry)
    this.#bytes.set(entry, shadow)
    this.#usedBytes += footprint(entry)
  }

  #moveRecord(from: ShadowEntry, to: ShadowEntry): void {
    const sealed = this.#records.get(from)
    this.#records.delete(from)
    if (sealed !== undefined) this.#records.set(to, sealed)
  }

  #forget(entry: ShadowEntry): void {
    this.#bytes.delete(entry)
    this.#records.delete(entry)
  }

  #read(entry: ShadowEntry | undefined): Uint8Array {
    const shadow = entry && this.#bytes.get(entry)
    if (entry === undefined || shadow === undefined) throw missing()
    if (!hasShadowDigest(shadow, entry)) throw corrupt()
    return shadow
  }

  #forgetOldest(): void {
    const oldest = this.#trash.oldest()
    if (oldest === undefined) return
    this.#trash.delete(oldest)
    this.#forget(oldest)
  }

  #freeBytes(): number {
    return this.#quotaBytes - this.#usedBytes
  }

  #checkStarted(): void {
    if (!this.#started) throw notStarted()
  }
}
