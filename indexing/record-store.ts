import type { ImageId, PeerId } from '../base/ids.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import type { DigestTree } from './digest-tree.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { Usage } from './owner-usage.ts'

/** An image near to a trapdoor. */
export interface Neighbour {
  readonly id: ImageId
  /** Hamming distance in bits. */
  readonly distance: number
}

/** A record with its place in this store's own order of arrival. */
export interface RecordChange extends EncodedRecord {
  readonly sequence: number
}

/** What comparing indexes needs to know of a record. */
export interface HeldRecord {
  readonly id: ImageId
  /** SHA-256 of the encoded record. */
  readonly digest: Uint8Array
}

/** Up to where another master's changes are known. */
export interface Cursor {
  /** Which store gave the sequences: a disk that was lost is followed by another. */
  readonly incarnation: string
  readonly sequence: number
}

/** Where a master keeps its index: durable records, and the codes packed in memory for {@link RecordStore.nearest}. */
export interface RecordStore {
  /** @throws NetError `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_CORRUPT` */
  start(): Promise<void>
  stop(): Promise<void>
  /**
   * Keep a record if it supersedes what is held of its image (see `supersedes`); resolves once it is on stable storage.
   * Returns whether it was taken; false when what is held is the same or wins.
   */
  put(record: EncodedRecord): Promise<boolean>
  /** The record or tombstone of an image, or undefined. */
  get(id: ImageId): Promise<EncodedRecord | undefined>
  /** What {@link get} gives for each of these images, in one reading. */
  getMany(ids: readonly ImageId[]): Promise<(EncodedRecord | undefined)[]>
  /** The records and tombstones after an image (from the first when undefined), in the order of image ids, at most `limit`. */
  list(after: ImageId | undefined, limit: number): Promise<EncodedRecord[]>
  /**
   * The k stored images nearest to a trapdoor, exact, by distance and then by image id (SimImgSearch).
   * @throws NetError `CODE_LENGTH_MISMATCH` or `MODEL_MISMATCH` when images are stored, but none in this space
   */
  nearest(code: Uint8Array, space: CodeSpace, k: number): Neighbour[]
  /** Changes after `sequence`, in order, at most `limit`. A record that was superseded appears only at its last change. */
  changes(after: number, limit: number): Promise<RecordChange[]>
  /** The records after one image (from the first when undefined) up to another, in the order of ids, at most `limit`; none of version 1. */
  held(after: ImageId | undefined, upTo: ImageId, limit: number): Promise<HeldRecord[]>
  /** Up to where another master's changes are known here; undefined before {@link moveCursor}. */
  cursor(master: PeerId): Cursor | undefined
  /** Remember a cursor on stable storage, with what was put before. */
  moveCursor(master: PeerId, cursor: Cursor): Promise<void>
  /** What an owner has stored. */
  usage(owner: PeerId): Usage
  /** What each owner has stored of whom something is. */
  usages(): ReadonlyMap<PeerId, Usage>
  /** Digests of all that is held: equal for stores that hold the same. */
  readonly digests: Pick<DigestTree, 'root' | 'children'>
  /** Told at random when the store was made, 32 hex digits: another one counts other changes. Known once started. */
  readonly incarnation: string
  /** Stored images (tombstones not counted). */
  readonly size: number
  /** Sequence of the last change; 0 when empty. */
  readonly lastSequence: number
}
