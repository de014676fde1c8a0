import { EventEmitter } from 'node:events'
import type { LevelChange, LevelRange } from '../../../base/synced-level.ts'
import { LevelLog } from './level-log.ts'
import { placeOf } from './mount.ts'

/** A Level database on a forgetful disk, as far as base/synced-level.ts uses one. */
export class Level extends EventEmitter {
  readonly #folder: string
  #isOpen = false

  constructor(folder: string) {
    super()
    this.#folder = folder
  }

  async open(): Promise<void> {
    const { folder } = this.#find()
    folder.level ??= new LevelLog()
    this.#isOpen = true
  }

  async close(): Promise<void> {
    this.#isOpen = false
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
    await disk.pause(at.split('/').length - 1)
    log.sync(disk.note({ what: 'sync', path: at }))
  }

  async #pairs(): Promise<ReadonlyMap<string, Uint8Array>> {
    const { disk, log } = this.#place()
    await disk.pause()
    return log.pairs
  }

  #place() {
    if (!this.#isOpen) throw Object.assign(new Error('Database is not open'), { code: 'LEVEL_DATABASE_NOT_OPEN' })
    const { folder, ...place } = this.#find()
    return { ...place, log: folder.level ?? new LevelLog() }
  }

  #find() {
    const place = placeOf(this.#folder)
    if (place === undefined) throw new Error(`${this.#folder} lies on no forgetful disk`)
    return { ...place, folder: place.disk.folder(place.at) }
  }
}
