/** A fast seeded generator (sfc32): a case is its seed and number, nothing else. */
export class Chance {
  #a = 0
  #b = 0
  #c = 0
  #d = 1

  constructor(seed: string, at = 0) {
    let hash = 0x811c9dc5
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
    this.#a = hash >>> 0
    this.#b = at >>> 0
    this.#c = Math.floor(at / 2 ** 32)
    for (let i = 0; i < 12; i++) this.word()
  }

  /** 0 to 2^32 - 1. */
  word(): number {
    const sum = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.word() / 2 ** 32) * limit)
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** True one time in `times`. */
  onceIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.word()
    return bytes
  }
}
