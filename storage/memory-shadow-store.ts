import { sha256Hex } from '../base/bytes.ts'
import { NetError } from '../base/errors.ts'
import type { ImageId, ShadowKey } from '../base/ids.ts'
import { withDefaults } from '../base/options.ts'
import { afterKey, conflict, missing, notStarted, storeFull } from './shadow-key.ts'
import type { ShadowEntry, ShadowStore, StoreUsage } from './shadow-store.ts'

/** How a {@link MemoryShadowStore} is set up. */
export interface MemoryShadowStoreInit {
  /** Most bytes of shadows kept at one time. */
  quotaBytes?: number
}

/** Defaults of {@link MemoryShadowStoreInit}. */
const MEMORY_SHADOW_STORE_DEFAULTS = Object.freeze({
  quotaBytes: 2 ** 30 // a slave in a test never holds more
}) satisfies Required<MemoryShadowStoreInit>

interface Held {
  readonly entry: ShadowEntry
  readonly shadow: Uint8Array
}

/** Shadows in memory, for tests and the simulator. What it holds survives `stop` and `start`, not the process. */
export class MemoryShadowStore implements ShadowStore {
  readonly #quotaBytes: number
  /** Image, then sharing: a sharing has at most one shadow here. */
  readonly #images = new Map<ImageId, Map<string, Held>>()
  #started = false
  #shadows = 0
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

  async put(key: ShadowKey, shadow: Uint8Array): Promise<void> {
    this.#checkStarted()
    const digest = sha256Hex(shadow)
    const held = this.#images.get(key.image)?.get(key.sharing)
    if (held !== undefined) {
      if (held.entry.number === key.number && held.entry.digest === digest) return
      throw conflict(held.entry, key)
    }
    const freeBytes = this.#quotaBytes - this.#usedBytes
    if (shadow.length > freeBytes) throw storeFull(shadow.length, freeBytes)
    const { image, sharing, number } = key
    const entry = { image, sharing, number, bytes: shadow.length, digest }
    const sharings = this.#images.get(image) ?? new Map<string, Held>()
    this.#images.set(image, sharings.set(sharing, { entry, shadow: shadow.slice() }))
    this.#shadows++
    this.#usedBytes += shadow.length
  }

  async get(key: ShadowKey): Promise<Uint8Array> {
    this.#checkStarted()
    const held = this.#find(key)
    if (held === undefined) throw missing()
    if (sha256Hex(held.shadow) !== held.entry.digest) {
      throw new NetError('SHADOW_CORRUPT', 'the shadow no longer has its digest')
    }
    return held.shadow.slice()
  }

  async drop(key: ShadowKey): Promise<boolean> {
    this.#checkStarted()
    const held = this.#find(key)
    if (held === undefined) return false
    const sharings = this.#images.get(key.image)
    sharings?.delete(key.sharing)
    if (sharings?.size === 0) this.#images.delete(key.image)
    this.#shadows--
    this.#usedBytes -= held.entry.bytes
    return true
  }

  async list(query: { image?: ImageId; after?: ShadowKey; limit?: number } = {}): Promise<ShadowEntry[]> {
    this.#checkStarted()
    const { image, after, limit = Number.POSITIVE_INFINITY } = query
    const images = image === undefined ? [...this.#images.keys()].sort() : [image]
    const entries: ShadowEntry[] = []
    for (const each of images) {
      if (after !== undefined && each < after.image) continue
      for (const sharing of [...(this.#images.get(each)?.keys() ?? [])].sort()) {
        const entry = this.#images.get(each)?.get(sharing)?.entry
        if (entry === undefined || (after !== undefined && !afterKey(entry, after))) continue
        if (entries.length >= limit) return entries
        entries.push(entry)
      }
    }
    return entries
  }

  async usage(): Promise<StoreUsage> {
    this.#checkStarted()
    return { shadows: this.#shadows, usedBytes: this.#usedBytes, freeBytes: this.#quotaBytes - this.#usedBytes }
  }

  #find(key: ShadowKey): Held | undefined {
    const held = this.#images.get(key.image)?.get(key.sharing)
    return held?.entry.number === key.number ? held : undefined
  }

  #checkStarted(): void {
    if (!this.#started) throw notStarted()
  }
}
