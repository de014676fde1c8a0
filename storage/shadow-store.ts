import type { ImageId, PeerId, ShadowKey } from '../base/ids.ts'

/** Which try of which master put a shadow, and when it came. */
export interface ShadowOrigin {
  /** When the owner asked for the image to be stored, ms since 1970 by its clock; 0 of a shadow put before this was kept. */
  readonly asked: number
  /** Version counter of the record that is to name it; 0 of a shadow put before this was kept. */
  readonly counter: number
  /** The master that put it; undefined of a shadow put before this was kept. */
  readonly master: PeerId | undefined
  /** When it came, ms since 1970 by the slave's clock; 0 when that is not known, as where metadata were made anew from files. */
  readonly putAt: number
}

/** Of which sharing something is; a slave has at most one shadow of each. */
export type SharingKey = Pick<ShadowKey, 'image' | 'sharing'>

/** What lies beside a shadow: the record that names it, sealed by a master. */
export interface RecordMark {
  readonly bytes: number
  /** SHA-256 of the sealed record, hex. */
  readonly digest: string
}

/** Who brings a sealed record, and for shadows of which origin. */
export interface RecordPut extends Pick<ShadowOrigin, 'asked' | 'counter' | 'master'> {
  /** The caller. */
  readonly by: PeerId
}

/** What a slave says of a shadow it keeps. */
export interface ShadowEntry extends ShadowKey, ShadowOrigin {
  readonly bytes: number
  /** Of the shadow, hex (`hasShadowDigest`): a Merkle root, or in version 1, where `master` is undefined, SHA-256. */
  readonly digest: string
  /** The record beside it; left out where none is. */
  readonly record?: RecordMark
}

/** What an entry takes of a store: its shadow and the record beside it. */
export function footprint({ bytes, record }: Pick<ShadowEntry, 'bytes' | 'record'>): number {
  return bytes + (record?.bytes ?? 0)
}

/** Why a shadow went into the trash: its image was deleted, a newer sharing replaced its own, or its store failed. */
export const DROP_REASONS = Object.freeze(['deleted', 'replaced', 'aborted'] as const)

/** One of {@link DROP_REASONS}. */
export type DropReason = (typeof DROP_REASONS)[number]

/** A drop: why, and when, in ms since 1970. */
export interface ShadowDrop {
  readonly reason: DropReason
  readonly time: number
}

/** A shadow in the trash. */
export interface TrashedShadow extends ShadowEntry, ShadowDrop {}

/** How full a store is. */
export interface StoreUsage {
  readonly shadows: number
  readonly usedBytes: number
  /** What may still be put: the quota's rest, or the disk's if that is less. The trash gives way to puts, so its bytes count as free. */
  readonly freeBytes: number
  /** Shadows in the trash. */
  readonly trashed: number
  readonly trashBytes: number
}

/** Where a slave keeps shadows. What `put` has acknowledged survives a kill at any moment. */
export interface ShadowStore {
  /** @throws NetError `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_CORRUPT` */
  start(): Promise<void>
  stop(): Promise<void>
  /**
   * Keep a shadow; resolves once it is on stable storage. The same bytes of the same origin again are acknowledged and
   * change nothing. Where room is needed the oldest of the trash goes.
   * @throws NetError `STORE_FULL` (nothing kept), `SHADOW_CONFLICT` when other bytes or another origin stand under this
   *   key, or when another number of the same sharing is held or in the trash: one slave never has two shadows of one sharing
   */
  put(key: ShadowKey, shadow: Uint8Array, origin: ShadowOrigin): Promise<void>
  /** The bytes. @throws NetError `SHADOW_MISSING`, `SHADOW_CORRUPT` when they no longer have their digest */
  get(key: ShadowKey): Promise<Uint8Array>
  /**
   * Keep a sealed record beside the shadow of its sharing, at most one; resolves once it is on stable storage. It goes to the
   * trash, and comes back, with its shadow. The same bytes again change nothing.
   * @throws NetError `SHADOW_MISSING` when no shadow of the sharing is held, `SHADOW_CONFLICT` when the shadow is of another
   *   origin, or when other bytes are there and `by` is not the master that put the shadow; `STORE_FULL`
   */
  putRecord(key: SharingKey, sealed: Uint8Array, put: RecordPut): Promise<void>
  /** The sealed record beside the shadow of a sharing; undefined when none is there, or its bytes are damaged. */
  getRecord(key: SharingKey): Promise<Uint8Array | undefined>
  /** What is held under a key, without its bytes; undefined when nothing is. */
  find(key: ShadowKey): Promise<ShadowEntry | undefined>
  /**
   * Move a shadow to the trash, from which {@link restore} brings it back; resolves once that would survive a kill. False
   * when it was not there. Of one sharing the trash keeps what was dropped last.
   */
  drop(key: ShadowKey, how: ShadowDrop): Promise<boolean>
  /** Entries in key order (image, sharing, number): of one image, or the next `limit` after `after`. */
  list(query?: { image?: ImageId; after?: ShadowKey; limit?: number }): Promise<ShadowEntry[]>
  /** The trash in key order: of one image, or the next `limit` after `after`. */
  listTrash(query?: { image?: ImageId; after?: ShadowKey; limit?: number }): Promise<TrashedShadow[]>
  /**
   * Bring a shadow back from the trash, whole and with its origin; resolves once that would survive a kill. False when it
   * is not in the trash. @throws NetError `SHADOW_CONFLICT` when another of its sharing is held, `SHADOW_CORRUPT`
   */
  restore(key: ShadowKey): Promise<boolean>
  /** Forget what was dropped before a time, in ms since 1970; resolves to how many shadows that were. */
  expire(before: number): Promise<number>
  usage(): Promise<StoreUsage>
}
