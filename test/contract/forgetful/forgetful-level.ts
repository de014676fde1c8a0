import { EventEmitter } from 'node:events'
import type { LevelChange, LevelRange } from '../../../base/synced-level.ts'
import { LevelLog } from './level-log.ts'
import { placeOf } from './mount.ts'

/** A Level database on a forgetful disk, as far as base/synced-level.ts uses one. */
export class Level extends EventEmitter {
  readonly #folder: string

  constructor(folder: string) {
    super()
    this.#folder = folder
  }

  async open(): Promise<void> {
    const { folder } = this.#place()
    folder.level ??= new LevelLog()
  }

  async close(): Promise<void> {
    this.emit('closed')
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.#pairs()).get(key)?.slice()
  }

  async getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    const pairs = await this.#pairs()
    return keys.map(key => pairs.get(key)?.slice())
  }

  iterator({ gt = '', gte = '', lt = '\uffff', limit = Number.POSITIVE_INFINITY }: LevelRange) {
    return {
      all: async (): Promise<[string, Uint8Array][]> => {
        const found = [...(await this.#pairs())].filter(([key]) => key > gt && key >= gte && key < lt)
        return found.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit)
      }
    }
  }

  async batch(changes: readonly LevelChange[], { sync = false }: { sync?: boolean } = {}): Promise<void> {
    const { disk, at, log } = this.#place()
    await disk.pause()
    log.append(disk.note({ what: 'write', path: at }), changes)
    if (!sync) return
    await disk.pause()
    log.sync(disk.note({ what: 'sync', path: at }))
  }

  async #pairs(): Promise<ReadonlyMap<string, Uint8Array>> {
    const { disk, log } = this.#place()
    await disk.pause()
    return log.pairs
  }

  #place() {
    const place = placeOf(this.#folder)
    if (place === undefined) throw new Error(`${this.#folder} lies on no forgetful disk`)
    const folder = place.disk.folder(place.at)
    return { ...place, folder, log: folder.level ?? new LevelLog() }
  }
}
