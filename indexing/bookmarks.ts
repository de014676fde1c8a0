import type { PeerId } from '../base/ids.ts'
import type { Random } from '../base/random.ts'
import type { SyncedLevel } from '../base/synced-level.ts'
import { drawIncarnation } from './held-records.ts'
import type { Cursor } from './record-store.ts'
import { CURSOR_KEYS, cursorKey, INCARNATION_KEY, readCursor, writeCursor } from './record-value.ts'

const MOST = 4096 // masters; of a roster there are fewer

/** The incarnation of an index in Level, and its cursors: in one folder with the records, so that they are lost together. */
export class Bookmarks {
  readonly incarnation: string
  readonly #level: SyncedLevel
  readonly #cursors: Map<PeerId, Cursor>

  private constructor(level: SyncedLevel, incarnation: string, cursors: Map<PeerId, Cursor>) {
    this.#level = level
    this.incarnation = incarnation
    this.#cursors = cursors
  }

  /** Read them; a folder that has no incarnation gets one, and so does one whose own is damaged: its changes are read anew. */
  static async load(level: SyncedLevel, random: Random): Promise<Bookmarks> {
    const value = await level.get(INCARNATION_KEY)
    let incarnation = value && readCursor(INCARNATION_KEY, value)?.incarnation
    if (incarnation === undefined) {
      incarnation = drawIncarnation(random)
      await level.commit([{ type: 'put', key: INCARNATION_KEY, value: writeCursor(INCARNATION_KEY, { incarnation }) }])
    }
    const cursors = new Map<PeerId, Cursor>()
    for (const [key, pair] of await level.list({ ...CURSOR_KEYS, limit: MOST })) {
      const cursor = readCursor(key, pair) // one that is damaged is none: the changes are compared anew
      if (cursor !== undefined) cursors.set(key.slice(CURSOR_KEYS.gte.length) as PeerId, cursor) // written from one
    }
    return new Bookmarks(level, incarnation, cursors)
  }

  /** Up to where a master's changes are known. */
  cursor(master: PeerId): Cursor | undefined {
    return this.#cursors.get(master)
  }

  /** Remember a cursor on stable storage. @throws NetError `STORE_FULL`, `STORE_READ_ONLY` */
  async moveCursor(master: PeerId, cursor: Cursor): Promise<void> {
    const key = cursorKey(master)
    await this.#level.commit([{ type: 'put', key, value: writeCursor(key, cursor) }])
    this.#cursors.set(master, cursor)
  }
}
