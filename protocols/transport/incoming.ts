import { unzeroed } from '../../base/bytes.ts'

/** How a message's bytes are taken. */
export interface IncomingOptions {
  /** Sees the bytes as they arrive, to hash them meanwhile. */
  readonly onPart?: (part: Uint8Array) => void
  /** Called before memory for so many bytes more is taken. */
  readonly reserve?: (bytes: number) => void
}

const FIRST_BYTES = 64 * 1024

/** The bytes of one message as they arrive, in memory for twice as much as has come: a length alone costs nothing. */
export class Incoming {
  readonly #length: number
  readonly #options: IncomingOptions
  #target = new Uint8Array()
  #filled = 0

  constructor(length: number, options: IncomingOptions = {}) {
    this.#length = length
    this.#options = options
  }

  /** All of it, once it has come; undefined until then. */
  get whole(): Uint8Array | undefined {
    return this.#filled === this.#length ? this.#target : undefined
  }

  /** Take as many of `bytes` as are still missing; the result is how many were. @throws what `reserve` throws */
  take(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#length - this.#filled)
    const filled = this.#filled + part.length
    if (filled > this.#target.length) this.#grow(filled)
    this.#target.set(part, this.#filled)
    this.#filled = filled
    this.#options.onPart?.(part)
    return part.length
  }

  #grow(need: number): void {
    const length = Math.min(this.#length, Math.max(FIRST_BYTES, 2 * need))
    this.#options.reserve?.(length - this.#target.length)
    const target = unzeroed(length) // every byte is overwritten before anyone sees it
    target.set(this.#target.subarray(0, this.#filled))
    this.#target = target
  }
}
