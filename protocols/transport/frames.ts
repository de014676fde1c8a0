import { invalid } from '../../codec/codec.ts'

const MOST_DIGITS = 4 // lengths below 2^28

/** Messages that each follow their length, as libp2p's protobuf streams have them: the lengths alone, seen as the bytes pass by. */
export class Frames {
  readonly #onLength: (bytes: number) => void
  #missing = 0 // bytes of the message that has begun
  #length = 0
  #digits = 0

  /** @param onLength called with each message's length once it is known */
  constructor(onLength: (bytes: number) => void) {
    this.#onLength = onLength
  }

  /** Let `bytes` pass. @throws NetError `MESSAGE_INVALID` for a length that is none; what `onLength` throws */
  take(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      const skipped = Math.min(this.#missing, bytes.length - at)
      this.#missing -= skipped
      at += skipped
      if (at < bytes.length) this.#digit(bytes[at++])
    }
  }

  // A varint: 7 bits a byte, the least first; the last byte has no high bit.
  #digit(byte: number): void {
    if (this.#digits === MOST_DIGITS) throw invalid('its length is none')
    this.#length += (byte & 0x7f) << (7 * this.#digits++)
    if (byte >= 0x80) return
    this.#missing = this.#length
    this.#length = 0
    this.#digits = 0
    this.#onLength(this.#missing)
  }
}
