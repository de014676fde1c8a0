import { NetError } from '../base/errors.ts'
import type { ImageId, PeerId } from '../base/ids.ts'
import { checkWhole } from '../base/options.ts'
import { type Random, systemRandom } from '../base/random.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import { ChangeLog } from './change-log.ts'
import { CodeIndex } from './code-index.ts'
import { DigestTree } from './digest-tree.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { Usage } from './owner-usage.ts'
import type { Cursor, HeldRecord, Neighbour, RecordChange, RecordStore } from './record-store.ts'
import { drawIncarnation, heldOf } from './held-records.ts'
import { supersedes } from './supersedes.ts'

/** Records in memory, for tests and the simulator. What it holds survives `stop` and `start`, not the process. */
export class MemoryRecordStore implements RecordStore {
  readonly #records = new Map<ImageId, EncodedRecord>()
  /** Ids in order; undefined when one has come since. */
  #order: ImageId[] | undefined
  readonly #codes = new CodeIndex()
  readonly #log = new ChangeLog()
  readonly #cursors = new Map<PeerId, Cursor>()
  readonly digests = new DigestTree()
  readonly incarnation: string
  #started = false

  /** @param random draws its incarnation */
  constructor(random: Random = systemRandom) {
    this.incarnation = drawIncarnation(random)
  }

  get size(): number {
    return this.#codes.size
  }

  get lastSequence(): number {
    return this.#log.lastSequence
  }

  async start(): Promise<void> {
    this.#started = true
  }

  async stop(): Promise<void> {
    this.#started = false
  }

  async put(put: EncodedRecord): Promise<boolean> {
    this.#checkStarted()
    const { record } = put
    const held = this.#records.get(record.id)
    if (held !== undefined && !supersedes(put, held)) return false
    if (held === undefined) this.#order = undefined
    this.#records.set(record.id, put)
    this.#codes.replace(held?.record.stored?.claim, record.stored?.claim)
    this.digests.replace(record.id, held?.encoded, put.encoded)
    this.#log.append(record.id)
    return true
  }

  async get(id: ImageId): Promise<EncodedRecord | undefined> {
    this.#checkStarted()
    return this.#records.get(id)
  }

  async getMany(ids: readonly ImageId[]): Promise<(EncodedRecord | undefined)[]> {
    this.#checkStarted()
    return ids.map(id => this.#records.get(id))
  }

  async list(after: ImageId | undefined, limit: number): Promise<EncodedRecord[]> {
    this.#checkStarted()
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const ids = [...this.#records.keys()].filter(id => after === undefined || id > after).sort()
    return this.getMany(ids.slice(0, limit)).then(records => records.filter(record => record !== undefined))
  }

  async held(after: ImageId | undefined, upTo: ImageId, limit: number): Promise<HeldRecord[]> {
    this.#checkStarted()
    this.#order ??= [...this.#records.keys()].sort()
    const found: HeldRecord[] = []
    for (let at = placeBehind(after, this.#order); found.length < limit && this.#order[at] <= upTo; at++) {
      const record = this.#records.get(this.#order[at])
      if (record !== undefined) found.push(...heldOf([record]))
    }
    return found
  }

  cursor(master: PeerId): Cursor | undefined {
    return this.#cursors.get(master)
  }

  async moveCursor(master: PeerId, cursor: Cursor): Promise<void> {
    this.#checkStarted()
    this.#cursors.set(master, cursor)
  }

  usage(owner: PeerId): Usage {
    return this.#codes.usage.of(owner)
  }

  usages(): ReadonlyMap<PeerId, Usage> {
    return this.#codes.usage.all()
  }

  nearest(code: Uint8Array, space: CodeSpace, k: number): Neighbour[] {
    this.#checkStarted()
    return this.#codes.nearest(code, space, k)
  }

  async changes(after: number, limit: number): Promise<RecordChange[]> {
    this.#checkStarted()
    checkWhole('after', after, 0, Number.MAX_SAFE_INTEGER)
    checkWhole('limit', limit, 0, Number.MAX_SAFE_INTEGER)
    const changes: RecordChange[] = []
    for (const { sequence, image } of this.#log.after(after, limit)) {
      const held = this.#records.get(image)
      if (held !== undefined) changes.push({ ...held, sequence })
    }
    return changes
  }

  #checkStarted(): void {
    if (!this.#started) throw new NetError('NOT_STARTED', 'the record store is not started')
  }
}

function placeBehind(id: ImageId | undefined, order: readonly ImageId[]): number {
  let [low, high] = [0, id === undefined ? 0 : order.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (id !== undefined && order[middle] <= id) low = middle + 1
    else high = middle
  }
  return low
}
