import { NetError } from '../../base/errors.ts'
import { type ImageId, imageId, type PeerId, peerId } from '../../base/ids.ts'
import { KeyedMutex } from '../../base/keyed-mutex.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import type { CodeSpace } from '../../hashing/hash-code.ts'
import { CodeIndex } from '../../indexing/code-index.ts'
import { DigestTree } from '../../indexing/digest-tree.ts'
import { decodedRecord, type EncodedRecord } from '../../indexing/encoded-record.ts'
import { drawIncarnation, heldOf } from '../../indexing/held-records.ts'
import type { Usage } from '../../indexing/owner-usage.ts'
import type { Cursor, HeldRecord, Neighbour, RecordChange, RecordStore } from '../../indexing/record-store.ts'
import { supersedes } from '../../indexing/supersedes.ts'
import type { VirtualDisk } from './virtual-disk.ts'

/** How a {@link VirtualRecordStore} is set up. */
export interface VirtualRecordStoreInit {
  /** `synced` is right. `written` is the bug of acknowledging too early, planted to see it caught. */
  readonly acknowledge?: 'synced' | 'written'
  /** Which record wins; the default is the contract's. A wrong one is planted to see it caught. */
  readonly supersedes?: typeof supersedes
  /** Draws the incarnation of a new disk; left out, it follows from the time. */
  readonly random?: Random
}

/** Where a virtual master's records lie on its disk. */
export const RECORD_FILES = 'record/'

const INCARNATION_FILE = 'index/incarnation'
const CURSOR_FILES = 'index/cursor/'

/** Records on a virtual disk: one file an image, an eight-byte sequence before the encoded record. */
export class VirtualRecordStore implements RecordStore {
  readonly #disk: VirtualDisk
  readonly #init: Required<Omit<VirtualRecordStoreInit, 'random'>> & VirtualRecordStoreInit
  readonly #mutex = new KeyedMutex()
  readonly #changes = new Map<ImageId, RecordChange>()
  readonly #cursors = new Map<PeerId, Cursor>()
  #codes = new CodeIndex()
  #digests = new DigestTree()
  #incarnation = ''
  #lastSequence = 0
  #started = false

  constructor(disk: VirtualDisk, init: VirtualRecordStoreInit = {}) {
    this.#disk = disk
    this.#init = { ...init, acknowledge: init.acknowledge ?? 'synced', supersedes: init.supersedes ?? supersedes }
  }

  get size(): number {
    return this.#codes.size
  }

  get lastSequence(): number {
    return this.#lastSequence
  }

  get digests(): DigestTree {
    return this.#digests
  }

  get incarnation(): string {
    return this.#incarnation
  }

  async start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    this.#codes = new CodeIndex()
    this.#digests = new DigestTree()
    this.#cursors.clear()
    this.#changes.clear()
    this.#lastSequence = 0
    for (const name of this.#disk.names(RECORD_FILES)) this.#load(name)
    for (const name of this.#disk.names(CURSOR_FILES)) {
      this.#cursors.set(peerId(name.slice(CURSOR_FILES.length)), JSON.parse(this.#text(name)))
    }
    if (this.#text(INCARNATION_FILE) === '') {
      const drawn = drawIncarnation(this.#init.random ?? seededRandom(`${this.#disk.now}`)) // a new disk comes later
      this.#disk.write(INCARNATION_FILE, Buffer.from(drawn))
      await this.#disk.sync(INCARNATION_FILE)
    }
    this.#incarnation = this.#text(INCARNATION_FILE)
  }

  async stop(): Promise<void> {
    await this.#mutex.idle()
    this.#started = false
  }

  async put({ record, encoded }: EncodedRecord): Promise<boolean> {
    this.#checkStarted()
    return this.#mutex.run(record.id, async () => {
      const held = this.#changes.get(record.id)
      if (held !== undefined && !this.#init.supersedes({ record, encoded }, held)) return false
      const sequence = ++this.#lastSequence
      const name = RECORD_FILES + record.id
      this.#disk.write(name, withSequence(sequence, encoded))
      if (this.#init.acknowledge === 'synced') await this.#disk.sync(name)
      this.#keep({ sequence, record, encoded })
      return true
    })
  }

  async get(id: ImageId): Promise<EncodedRecord | undefined> {
    this.#checkStarted()
    return this.#changes.get(id)
  }

  async getMany(ids: readonly ImageId[]): Promise<(EncodedRecord | undefined)[]> {
    this.#checkStarted()
    return ids.map(id => this.#changes.get(id))
  }

  async list(after: ImageId | undefined, limit: number): Promise<EncodedRecord[]> {
    this.#checkStarted()
    const ids = [...this.#changes.keys()].filter(id => after === undefined || id > after).sort()
    return this.getMany(ids.slice(0, limit)).then(records => records.filter(record => record !== undefined))
  }

  async held(after: ImageId | undefined, upTo: ImageId, limit: number): Promise<HeldRecord[]> {
    this.#checkStarted()
    const ids = [...this.#changes.keys()].filter(id => (after === undefined || id > after) && id <= upTo).sort()
    return heldOf((await this.getMany(ids)).filter(record => record !== undefined)).slice(0, limit)
  }

  cursor(master: PeerId): Cursor | undefined {
    return this.#cursors.get(master)
  }

  async moveCursor(master: PeerId, cursor: Cursor): Promise<void> {
    this.#checkStarted()
    this.#disk.write(CURSOR_FILES + master, Buffer.from(JSON.stringify(cursor)))
    await this.#disk.sync(CURSOR_FILES + master)
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
    return [...this.#changes.values()]
      .filter(change => change.sequence > after)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, limit)
  }

  #keep(change: RecordChange): void {
    const { id } = change.record
    this.#codes.replace(this.#changes.get(id)?.record.stored?.claim, change.record.stored?.claim)
    this.#digests.replace(id, this.#changes.get(id)?.encoded, change.encoded)
    this.#changes.set(id, change)
  }

  #text(name: string): string {
    return Buffer.from(this.#disk.peek(name) ?? []).toString()
  }

  #load(name: string): void {
    const bytes = this.#disk.peek(name)
    if (bytes === undefined) return
    try {
      const sequence = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
      const change = { sequence, ...decodedRecord(bytes.subarray(8)) }
      if (change.record.id !== imageId(name.slice(RECORD_FILES.length))) throw new Error('another image')
      this.#keep(change)
      this.#lastSequence = Math.max(this.#lastSequence, sequence)
    } catch (cause) {
      throw new NetError('STORE_CORRUPT', 'a record on disk cannot be read', { cause })
    }
  }

  #checkStarted(): void {
    if (!this.#started) throw new NetError('NOT_STARTED', 'the record store is not started')
  }
}

function withSequence(sequence: number, record: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + record.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(sequence))
  bytes.set(record, 8)
  return bytes
}
