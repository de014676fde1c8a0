import type { Random } from '../../base/random.ts'

/**
 * A fast seeded generator (xoshiro128**, state from splitmix32 over the seed's FNV-1a hash). Statistically sound, not for
 * secrets: a virtual run draws millions of times and needs the same draws on every machine.
 */
export class SeededStream implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: string | number) {
    let state = 0x811c9dc5
    for (const character of String(seed)) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0
      let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
      x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
      return x ^ (x >>> 15)
    }
    this.#a = split()
    this.#b = split()
    this.#c = split()
    this.#d = split() | 1 // never all zero
  }

  /** 32 random bits, as a whole number from 0. */
  word(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** A number drawn evenly from [0, 1) with 32 bits of resolution. */
  unit(): number {
    return this.word() / 2 ** 32
  }

  /** A whole number drawn evenly from 0 to `limit` - 1. `limit` is 1 to 2^32. */
  below(limit: number): number {
    const fair = 2 ** 32 - (2 ** 32 % limit)
    for (;;) {
      const draw = this.word()
      if (draw < fair) return draw % limit
    }
  }

  /** One of `items`. @throws RangeError when there are none */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('items must not be empty')
    return items[this.below(items.length)]
  }

  /** A time drawn from the exponential distribution with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit())
  }

  fill<T extends Uint8Array>(target: T): T {
    for (let at = 0; at < target.length; at += 4) {
      const word = this.word()
      for (let k = 0; k < 4 && at + k < target.length; k++) target[at + k] = word >>> (8 * k)
    }
    return target
  }
}
