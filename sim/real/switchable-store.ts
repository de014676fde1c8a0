import { NetError } from '../../base/errors.ts'
import type { ImageId, ShadowKey } from '../../base/ids.ts'
import type { ShadowEntry, ShadowStore, StoreUsage } from '../../storage/shadow-store.ts'

/** A shadow store that can be switched off: its slave then answers every question about shadows with `NOT_STARTED`. */
export class SwitchableStore implements ShadowStore {
  /** Whether it answers. */
  on = true
  readonly #store: ShadowStore

  constructor(store: ShadowStore) {
    this.#store = store
  }

  start(): Promise<void> {
    return this.#store.start()
  }

  stop(): Promise<void> {
    return this.#store.stop()
  }

  async put(key: ShadowKey, shadow: Uint8Array): Promise<void> {
    this.#check()
    await this.#store.put(key, shadow)
  }

  async get(key: ShadowKey): Promise<Uint8Array> {
    this.#check()
    return this.#store.get(key)
  }

  async drop(key: ShadowKey): Promise<boolean> {
    this.#check()
    return this.#store.drop(key)
  }

  async list(query?: { image?: ImageId; after?: ShadowKey; limit?: number }): Promise<ShadowEntry[]> {
    this.#check()
    return this.#store.list(query)
  }

  async usage(): Promise<StoreUsage> {
    this.#check()
    return this.#store.usage()
  }

  #check(): void {
    if (!this.on) throw new NetError('NOT_STARTED', 'the store is switched off')
  }
}
