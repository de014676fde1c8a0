import { sha256Hex } from '../base/bytes.ts'
import type { LevelChange, SyncedLevel } from '../base/synced-level.ts'
import type { GroupCommit } from './group-commit.ts'
import { withRecord } from './shadow-key.ts'
import { readSealed, recordKey, trashedRecordKey } from './sealed-values.ts'
import { entryChange, findEntry } from './shadow-metadata.ts'
import { footprint, type RecordPut, type ShadowEntry, type SharingKey } from './shadow-store.ts'
import type { StoreRoom } from './store-room.ts'

/** What a {@link RecordShelf} works with: its store's metadata, and its store's room. */
export interface ShelfParts {
  readonly level: SyncedLevel
  readonly commits: GroupCommit
  readonly room: StoreRoom
}

/** An entry with the record that is left beside it, and the changes that move that record. */
export interface MovedRecord<E extends ShadowEntry> {
  readonly entry: Omit<E, 'record'> & Pick<ShadowEntry, 'record'>
  readonly changes: LevelChange[]
}

/** The sealed records beside a store's shadows, as values in its metadata: they share its syncs, and go where a shadow's entry goes. */
export class RecordShelf {
  readonly #parts: ShelfParts

  constructor(parts: ShelfParts) {
    this.#parts = parts
  }

  /** Keep a record; one call a sharing at a time. @throws NetError as `putRecord` of a store */
  async put(key: SharingKey, sealed: Uint8Array, put: RecordPut): Promise<void> {
    const { level, commits, room } = this.#parts
    const held = await findEntry(level, key)
    const entry = withRecord(held, { bytes: sealed.length, digest: sha256Hex(sealed) }, put)
    const old = await readSealed(level, recordKey(key), held?.record)
    if (old !== undefined && held?.record?.digest === entry.record?.digest) return
    const more = footprint(entry) - footprint(held ?? entry)
    await room.reserved(Math.max(0, more), async () => {
      await room.makeRoom()
      await commits.commit(entryChange(entry), { type: 'put', key: recordKey(key), value: sealed })
    })
    room.count(0, more)
  }

  /** The record beside a shadow that is held; undefined when there is none, or it is damaged. */
  async get(key: SharingKey): Promise<Uint8Array | undefined> {
    const { level } = this.#parts
    const entry = await findEntry(level, key)
    return await readSealed(level, recordKey(key), entry?.record)
  }

  /** An entry on its way into the trash. */
  toTrash<E extends ShadowEntry>(entry: E): Promise<MovedRecord<E>> {
    return this.#moved(entry, recordKey(entry), trashedRecordKey(entry))
  }

  /** An entry on its way back. */
  fromTrash<E extends ShadowEntry>(entry: E): Promise<MovedRecord<E>> {
    return this.#moved(entry, trashedRecordKey(entry), recordKey(entry))
  }

  async #moved<E extends ShadowEntry>({ record, ...rest }: E, from: string, to: string): Promise<MovedRecord<E>> {
    if (record === undefined) return { entry: rest, changes: [] }
    const sealed = await readSealed(this.#parts.level, from, record)
    const gone: LevelChange = { type: 'del', key: from }
    if (sealed === undefined) return { entry: rest, changes: [gone] }
    return { entry: { ...rest, record }, changes: [gone, { type: 'put', key: to, value: sealed }] }
  }
}
