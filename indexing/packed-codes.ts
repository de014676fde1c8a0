import { compare } from 'uint8arrays/compare'
import type { ImageId } from '../base/ids.ts'
import { growTo, wasmInstances } from '../base/wasm.ts'
import { IdTable } from './id-table.ts'
import type { Neighbour } from './record-store.ts'

interface Kernel {
  readonly memory: WebAssembly.Memory
  configure(planes: number, queryAt: number, firstChunk: number): void
  nearest(count: number, k: number, heapAt: number): number
  rankListed(list: number, count: number, distance: number, k: number, heapAt: number): number
}

// The layout that nearest.as.ts reads.
const QUERY_AT = 4096 // above the module's own data
const FIRST_CHUNK = 8192
const CHUNK = 1024
const ID_BYTES = 32
const FIRST_BYTES = 1
const PREFIX_BYTES = 8
const REST_BYTES = 24
const ENTRY_BYTES = 16 // first 8 bytes of the id, slot, distance

const newKernel = wasmInstances<Kernel>(new URL('./nearest.wasm', import.meta.url))

/**
 * Codes of one length with their image ids, packed where the WASM kernel scans them: byte b of 16 codes side by side. An
 * image has a slot from 0 to `size` - 1; removing one moves the last into its slot.
 */
export class PackedCodes {
  /** Bytes of a code. */
  readonly planes: number
  readonly #kernel = newKernel()
  readonly #table = new IdTable()
  /** Ids as text, made when first asked for. */
  readonly #images: (ImageId | undefined)[] = []
  readonly #id = Buffer.alloc(ID_BYTES) // Node's, for its hex: every id that is taken in, sought or found comes through here
  #bytes: Uint8Array
  #words: Uint32Array
  #size = 0

  /** @param bits length of the codes: 8 to 256, a multiple of 8 */
  constructor(bits: number) {
    this.planes = bits / 8
    this.#kernel.configure(this.planes, QUERY_AT, FIRST_CHUNK)
    this.#bytes = new Uint8Array(this.#kernel.memory.buffer)
    this.#words = new Uint32Array(this.#kernel.memory.buffer)
  }

  /** Images held. */
  get size(): number {
    return this.#size
  }

  /** The slot of an image, or -1. */
  slotOf(image: ImageId): number {
    this.#id.write(image, 'hex')
    return this.#table.find(this.#id.readUInt32BE(0), slot => this.#isAt(slot))
  }

  /** Take in an image that is not held; returns its slot. */
  append(image: ImageId, code: Uint8Array): number {
    const slot = this.#size++
    this.#reserve(this.#endOfChunks())
    this.#id.write(image, 'hex')
    this.#bytes[this.#firstAt(slot)] = this.#id[0]
    const prefix = this.#prefixAt(slot) >> 2
    this.#words[prefix] = this.#id.readUInt32BE(4) // a little-endian u64: low half first
    this.#words[prefix + 1] = this.#id.readUInt32BE(0)
    this.#bytes.set(this.#id.subarray(PREFIX_BYTES), this.#restAt(slot))
    this.#images.push(undefined)
    this.setCode(slot, code)
    this.#table.insert(this.#hashOf(slot), slot)
    return slot
  }

  /** Give a slot another code. */
  setCode(slot: number, code: Uint8Array): void {
    const at = this.#codeAt(slot)
    for (let plane = 0; plane < this.planes; plane++) this.#bytes[at + plane * 16] = code[plane]
  }

  /** The code at a slot. */
  codeOf(slot: number): Uint8Array {
    const at = this.#codeAt(slot)
    return Uint8Array.from({ length: this.planes }, (_, plane) => this.#bytes[at + plane * 16])
  }

  /** Forget the image at a slot; the image of the last slot, `size` before this call minus 1, is then at this one. */
  removeAt(slot: number): void {
    const last = this.#size - 1
    this.#table.remove(this.#hashOf(slot), slot)
    if (slot !== last) {
      this.#table.move(this.#hashOf(last), last, slot)
      this.setCode(slot, this.codeOf(last))
      this.#bytes[this.#firstAt(slot)] = this.#bytes[this.#firstAt(last)]
      this.#bytes.copyWithin(this.#prefixAt(slot), this.#prefixAt(last), this.#prefixAt(last) + PREFIX_BYTES)
      this.#bytes.copyWithin(this.#restAt(slot), this.#restAt(last), this.#restAt(last) + REST_BYTES)
      this.#images[slot] = this.#images[last]
    }
    this.#images.pop()
    this.#size = last
  }

  /** Order of the ids at two slots: negative, 0 or positive. */
  compareIds(a: number, b: number): number {
    const [prefixA, prefixB] = [this.#prefixAt(a) >> 2, this.#prefixAt(b) >> 2]
    const high = this.#words[prefixA + 1] - this.#words[prefixB + 1]
    if (high !== 0) return high
    const low = this.#words[prefixA] - this.#words[prefixB]
    if (low !== 0) return low
    const rest = (slot: number): Uint8Array => this.#bytes.subarray(this.#restAt(slot), this.#restAt(slot) + REST_BYTES)
    return compare(rest(a), rest(b))
  }

  /** The image at a slot. */
  imageOf(slot: number): ImageId {
    const known = this.#images[slot]
    if (known !== undefined) return known
    const prefix = this.#prefixAt(slot) >> 2
    this.#id.writeUInt32BE(this.#words[prefix + 1], 0)
    this.#id.writeUInt32BE(this.#words[prefix], 4)
    this.#id.set(this.#bytes.subarray(this.#restAt(slot), this.#restAt(slot) + REST_BYTES), PREFIX_BYTES)
    const image = this.#id.toString('hex') as ImageId // written from one
    this.#images[slot] = image
    return image
  }

  /** The k images nearest to `code` by a scan of all codes. */
  nearest(code: Uint8Array, k: number): Neighbour[] {
    const count = Math.min(k, this.#size)
    if (count === 0) return []
    const heapAt = this.#endOfChunks()
    this.#reserve(heapAt + count * ENTRY_BYTES)
    this.#bytes.set(code, QUERY_AT)
    const near: Neighbour[] = []
    this.#read(heapAt, this.#kernel.nearest(this.#size, count, heapAt), near)
    return near
  }

  /** Add to `near` the k of these slots, which are all at one distance, whose ids come first. */
  rankListed(slots: Int32Array, { distance, k, near }: { distance: number; k: number; near: Neighbour[] }): void {
    const count = Math.min(k, slots.length)
    const heapAt = this.#endOfChunks()
    const listAt = heapAt + count * ENTRY_BYTES
    this.#reserve(listAt + slots.byteLength)
    this.#words.set(slots, listAt >> 2)
    this.#read(heapAt, this.#kernel.rankListed(listAt, slots.length, distance, count, heapAt), near)
  }

  #read(heapAt: number, count: number, near: Neighbour[]): void {
    for (let rank = 0, at = (heapAt >> 2) + 2; rank < count; rank++, at += 4) {
      near.push({ id: this.imageOf(this.#words[at]), distance: this.#words[at + 1] })
    }
  }

  #isAt(slot: number): boolean {
    const prefix = this.#prefixAt(slot) >> 2
    if (this.#words[prefix + 1] !== this.#id.readUInt32BE(0)) return false
    if (this.#words[prefix] !== this.#id.readUInt32BE(4)) return false
    const rest = this.#restAt(slot)
    return this.#id.compare(this.#bytes, rest, rest + REST_BYTES, PREFIX_BYTES, ID_BYTES) === 0
  }

  #hashOf(slot: number): number {
    return this.#words[(this.#prefixAt(slot) >> 2) + 1]
  }

  #chunkAt(slot: number): number {
    return FIRST_CHUNK + Math.floor(slot / CHUNK) * CHUNK * (this.planes + FIRST_BYTES + ID_BYTES)
  }

  #codeAt(slot: number): number {
    const within = slot % CHUNK
    return this.#chunkAt(slot) + (within >> 4) * 16 * this.planes + (within & 15)
  }

  #firstAt(slot: number): number {
    return this.#chunkAt(slot) + CHUNK * this.planes + (slot % CHUNK)
  }

  #prefixAt(slot: number): number {
    return this.#chunkAt(slot) + CHUNK * (this.planes + FIRST_BYTES) + (slot % CHUNK) * PREFIX_BYTES
  }

  #restAt(slot: number): number {
    return this.#chunkAt(slot) + CHUNK * (this.planes + FIRST_BYTES + PREFIX_BYTES) + (slot % CHUNK) * REST_BYTES
  }

  #endOfChunks(): number {
    return this.#chunkAt(this.#size + CHUNK - 1)
  }

  /** Memory up to `end`; V8 grows it in place, so nothing is copied. */
  #reserve(end: number): void {
    const { memory } = this.#kernel
    const held = memory.buffer.byteLength
    if (end > held) growTo(memory, Math.max(end, held + held / 8))
    if (this.#bytes.buffer === memory.buffer) return
    this.#bytes = new Uint8Array(memory.buffer)
    this.#words = new Uint32Array(memory.buffer)
  }
}
