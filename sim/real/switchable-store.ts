import { NetError } from '../../base/errors.ts'
import type { ImageId, ShadowKey } from '../../base/ids.ts'
import type {
  RecordPut,
  ShadowDrop,
  ShadowEntry,
  ShadowOrigin,
  ShadowStore,
  SharingKey,
  StoreUsage,
  TrashedShadow
} from '../../storage/shadow-store.ts'

type ListQuery = { image?: ImageId; after?: ShadowKey; limit?: number }

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

  async put(key: ShadowKey, shadow: Uint8Array, origin: ShadowOrigin): Promise<void> {
    this.#check()
    await this.#store.put(key, shadow, origin)
  }

  async get(key: ShadowKey): Promise<Uint8Array> {
    this.#check()
    return this.#store.get(key)
  }

  async putRecord(key: SharingKey, sealed: Uint8Array, put: RecordPut): Promise<void> {
    this.#check()
    await this.#store.putRecord(key, sealed, put)
  }

  async getRecord(key: SharingKey): Promise<Uint8Array | undefined> {
    this.#check()
    return this.#store.getRecord(key)
  }

  async find(key: ShadowKey): Promise<ShadowEntry | undefined> {
    this.#check()
    return this.#store.find(key)
  }

  async drop(key: ShadowKey, how: ShadowDrop): Promise<boolean> {
    this.#check()
    return this.#store.drop(key, how)
  }

  async list(query?: ListQuery): Promise<ShadowEntry[]> {
    this.#check()
    return this.#store.list(query)
  }

  async listTrash(query?: ListQuery): Promise<TrashedShadow[]> {
    this.#check()
    return this.#store.listTrash(query)
  }

  async restore(key: ShadowKey): Promise<boolean> {
    this.#check()
    return this.#store.restore(key)
  }

  async expire(before: number): Promise<number> {
    this.#check()
    return this.#store.expire(before)
  }

  async usage(): Promise<StoreUsage> {
    this.#check()
    return this.#store.usage()
  }

  #check(): void {
    if (!this.on) throw new NetError('NOT_STARTED', 'the store is switched off')
  }
}
