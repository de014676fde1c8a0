import { isNetError, NetError } from '../base/errors.ts'
import type { ImageId } from '../base/ids.ts'
import { checkWhole } from '../base/options.ts'
import type { SyncedLevel } from '../base/synced-level.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { HeldRecord, RecordChange } from './record-store.ts'
import { CHANGE_KEYS, changeKey, readChange, readDigest, readRecord, RECORD_KEYS, recordKey } from './record-value.ts'

const PAGE = 1000

/** What a record store reads of its records, in Level; `onCorrupt` is told when a value that was read is damaged. */
export class LevelReader {
  readonly #level: SyncedLevel
  readonly #onCorrupt: () => void

  constructor(level: SyncedLevel, onCorrupt: () => void) {
    this.#level = level
    this.#onCorrupt = onCorrupt
  }

  /** What is on disk of these images. @throws NetError `STORE_CORRUPT` */
  async getMany(ids: readonly ImageId[]): Promise<(RecordChange | undefined)[]> {
    const keys = ids.map(recordKey)
    const values = await this.#level.getMany(keys)
    return this.#sound(() => values.map((value, at) => value && readRecord(keys[at], value)))
  }

  /** The records after an image, in the order of ids. @throws NetError `STORE_CORRUPT` */
  async list(after: ImageId | undefined, limit: number): Promise<EncodedRecord[]> {
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const page = await this.#level.list({ ...from(after), lt: RECORD_KEYS.lt, limit })
    return this.#sound(() => page.map(([key, value]) => readRecord(key, value)))
  }

  /** What comparing needs to know of the records after one image up to another. @throws NetError `STORE_CORRUPT` */
  async held(after: ImageId | undefined, upTo: ImageId, limit: number): Promise<HeldRecord[]> {
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const held: HeldRecord[] = []
    for (let next = after; held.length < limit; ) {
      const size = Math.min(PAGE, limit)
      const page = await this.#level.list({ ...from(next), lt: `${recordKey(upTo)}/`, limit: size })
      const read = this.#sound(() => page.map(([key, value]) => readDigest(key, value)))
      held.push(...read.filter(each => each !== undefined))
      if (page.length < size) break
      next = page[page.length - 1][0].slice(RECORD_KEYS.gte.length) as ImageId // written from one
    }
    return held.slice(0, limit)
  }

  /** Changes after a sequence, in order. @throws NetError `STORE_CORRUPT` */
  async changes(after: number, limit: number): Promise<RecordChange[]> {
    checkWhole('after', after, 0, Number.MAX_SAFE_INTEGER)
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const changes: RecordChange[] = []
    for (let next = after; changes.length < limit; ) {
      const size = Math.min(PAGE, limit - changes.length)
      const page = await this.#level.list({ gt: changeKey(next), lt: CHANGE_KEYS.lt, limit: size })
      if (page.length === 0) break
      changes.push(...(await this.#recordsOf(page)))
      next = Number(page[page.length - 1][0].slice(2))
    }
    return changes
  }

  /** The records of a page of changes; one that was superseded since the page was read comes with its later change. */
  async #recordsOf(page: readonly [string, Uint8Array][]): Promise<RecordChange[]> {
    const lines = this.#sound(() =>
      page.map(([key, value]) => {
        const change = readChange(key, value)
        if (change === undefined) throw new NetError('STORE_CORRUPT', 'a change of the index is damaged')
        return change
      })
    )
    const held = await this.getMany(lines.map(({ image }) => image))
    return held.filter((each, at) => each?.sequence === lines[at].sequence).filter(each => each !== undefined)
  }

  #sound<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (isNetError(error, 'STORE_CORRUPT')) this.#onCorrupt()
      throw error
    }
  }
}

function from(after: ImageId | undefined) {
  return after === undefined ? { gte: RECORD_KEYS.gte } : { gt: recordKey(after) }
}
