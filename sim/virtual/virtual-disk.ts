import { type Clock, sleep } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'

/** What a virtual disk can do. */
export interface VirtualDiskInit {
  /** Bytes of files that fit. */
  readonly capacityBytes?: number
  /** What a seek, or a file's sync, costs in ms. */
  readonly seekMs?: number
  readonly bytesPerSecond?: number
}

/** A disk of a cheap server: 3 ms for a synced small file and 320 MB/s, as measured with write, fsync and rename. */
const VIRTUAL_DISK_DEFAULTS = Object.freeze({
  capacityBytes: 2 ** 40,
  seekMs: 3,
  bytesPerSecond: 320_000_000
})

/** A file as the process sees it, and as it will be found after a crash; undefined: not there. */
interface VirtualFile {
  seen: Uint8Array | undefined
  safe: Uint8Array | undefined
}

/**
 * A disk that outlives its process. What was written is seen at once, but only what was synced is there after a crash;
 * it fills, and its bits flip.
 */
export class VirtualDisk {
  readonly #files = new Map<string, VirtualFile>()
  readonly #init: Required<VirtualDiskInit>
  /** Set by a fault: called in the middle of every sync, before it is safe. */
  onSync: (() => void) | undefined
  #clock: Clock
  #usedBytes = 0
  #capacityBytes: number

  constructor(clock: Clock, init: VirtualDiskInit = {}) {
    this.#clock = clock
    this.#init = { ...VIRTUAL_DISK_DEFAULTS, ...init }
    this.#capacityBytes = this.#init.capacityBytes
  }

  /** Bytes that may still be written. */
  get freeBytes(): number {
    return Math.max(0, this.#capacityBytes - this.#usedBytes)
  }

  /** Time on the clock of whoever uses it, in ms. */
  get now(): number {
    return this.#clock.now()
  }

  /** A new life uses the disk from now on; waits of the old one never end. */
  attach(clock: Clock): void {
    this.#clock = clock
  }

  /** Names of the files seen that start with `prefix`, in order. */
  names(prefix: string): string[] {
    const names: string[] = []
    for (const [name, { seen }] of this.#files) if (seen !== undefined && name.startsWith(prefix)) names.push(name)
    return names.sort()
  }

  /** Write a file anew; not safe until {@link sync}. @throws NetError `STORE_FULL` */
  write(name: string, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? { seen: undefined, safe: undefined }
    const grows = bytes.length - (file.seen?.length ?? 0)
    if (grows > this.freeBytes) {
      throw new NetError('STORE_FULL', `the disk is full: ${bytes.length} bytes do not fit`, {
        detail: { bytes: bytes.length, freeBytes: this.freeBytes }
      })
    }
    this.#usedBytes += grows
    file.seen = bytes.slice()
    this.#files.set(name, file)
  }

  /** Take a file away; not safe until {@link sync}. */
  remove(name: string): void {
    const file = this.#files.get(name)
    if (file === undefined) return
    this.#usedBytes -= file.seen?.length ?? 0
    file.seen = undefined
  }

  /** Give a file another name, in the place of what stands there; neither end is safe until its own {@link sync}. */
  rename(from: string, to: string): void {
    const bytes = this.#files.get(from)?.seen
    if (bytes === undefined) return
    this.remove(to)
    this.remove(from)
    this.write(to, bytes)
  }

  /** Make a file's present state, or its absence, outlive a crash. Takes time. */
  async sync(name: string): Promise<void> {
    const file = this.#files.get(name)
    if (file === undefined) return
    const state = file.seen
    const costMs = this.#costMs(state?.length ?? 0)
    await sleep(this.#clock, costMs / 2)
    this.onSync?.()
    await sleep(this.#clock, costMs / 2)
    file.safe = state
    if (file.seen === undefined && state === undefined) this.#files.delete(name)
  }

  /** A file's bytes, or undefined when it is not there. Takes time. */
  async read(name: string): Promise<Uint8Array | undefined> {
    const state = this.#files.get(name)?.seen
    await sleep(this.#clock, this.#costMs(state?.length ?? 0))
    return state?.slice()
  }

  /** A file's bytes now, for a checker that stands outside the world. */
  peek(name: string): Uint8Array | undefined {
    return this.#files.get(name)?.seen
  }

  /** A file's bytes as a crash would leave them, for a checker that stands outside the world. */
  peekSafe(name: string): Uint8Array | undefined {
    return this.#files.get(name)?.safe
  }

  /** A file is gone, now and after a crash. */
  lose(name: string): void {
    this.#usedBytes -= this.#files.get(name)?.seen?.length ?? 0
    this.#files.delete(name)
  }

  /** Lose everything that was not synced: what a killed machine finds when it comes back. */
  crash(): void {
    this.#usedBytes = 0
    for (const [name, file] of this.#files) {
      file.seen = file.safe
      if (file.safe === undefined) this.#files.delete(name)
      else this.#usedBytes += file.safe.length
    }
  }

  /** Flip one bit of one file whose name starts with `prefix`. Returns its name, or undefined when there is none. */
  flipBit(prefix: string, random: SeededStream): string | undefined {
    const names = this.names(prefix).filter(name => (this.#files.get(name)?.seen?.length ?? 0) > 0)
    if (names.length === 0) return undefined
    const name = random.pick(names)
    const file = this.#files.get(name)
    if (file?.seen === undefined) return undefined
    const altered = file.seen.slice()
    altered[random.below(altered.length)] ^= 1 << random.below(8)
    if (file.safe === file.seen) file.safe = altered
    file.seen = altered
    return name
  }

  /** Leave no room (true), or give it back. */
  fill(full: boolean): void {
    this.#capacityBytes = full ? this.#usedBytes : this.#init.capacityBytes
  }

  #costMs(bytes: number): number {
    return this.#init.seekMs + (bytes * 1000) / this.#init.bytesPerSecond
  }
}
