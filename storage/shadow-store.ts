import type { ImageId, ShadowKey } from '../base/ids.ts'

/** What a slave says of a shadow it keeps. */
export interface ShadowEntry extends ShadowKey {
  readonly bytes: number
  /** SHA-256 of the shadow, hex. */
  readonly digest: string
}

/** How full a store is. */
export interface StoreUsage {
  readonly shadows: number
  readonly usedBytes: number
  /** What may still be put: the quota's rest, or the disk's if that is less. */
  readonly freeBytes: number
}

/** Where a slave keeps shadows. What `put` has acknowledged survives a kill at any moment. */
export interface ShadowStore {
  /** @throws NetError `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_CORRUPT` */
  start(): Promise<void>
  stop(): Promise<void>
  /**
   * Keep a shadow; resolves once it is on stable storage. The same bytes again are acknowledged and change nothing.
   * @throws NetError `STORE_FULL` (nothing kept), `SHADOW_CONFLICT` when other bytes stand under this key, or when another
   *   number of the same sharing is held: one slave never holds two shadows of one sharing
   */
  put(key: ShadowKey, shadow: Uint8Array): Promise<void>
  /** The bytes. @throws NetError `SHADOW_MISSING`, `SHADOW_CORRUPT` when they no longer have their digest */
  get(key: ShadowKey): Promise<Uint8Array>
  /** Forget a shadow; resolves once it is gone from stable storage. False when it was not there. */
  drop(key: ShadowKey): Promise<boolean>
  /** Entries in key order (image, sharing, number): of one image, or the next `limit` after `after`. */
  list(query?: { image?: ImageId; after?: ShadowKey; limit?: number }): Promise<ShadowEntry[]>
  usage(): Promise<StoreUsage>
}
