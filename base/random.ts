import { createCipheriv, createHash, randomFillSync } from 'node:crypto'

/** Where random bytes come from. Passed in everywhere: the real one is the CSPRNG, tests and simulator use a seeded one. */
export interface Random {
  /** Overwrite every byte of `target` with random bytes and return it. */
  fill<T extends Uint8Array>(target: T): T
}

/** The operating system's cryptographic generator. */
export const systemRandom: Random = Object.freeze({
  fill: <T extends Uint8Array>(target: T): T => randomFillSync(target)
})

const POOL_BYTES = 4096 // one native call serves some hundred small draws

/** A generator that gives the same bytes for the same seed on every machine (ChaCha20 keyed by SHA-256 of the seed). */
export function seededRandom(seed: string | number): Random {
  const key = createHash('sha256').update(`sfmedir/random/${seed}`).digest()
  const stream = createCipheriv('chacha20', key, new Uint8Array(16))
  const zeros = new Uint8Array(POOL_BYTES)
  let pool = new Uint8Array(0)
  return {
    fill<T extends Uint8Array>(target: T): T {
      for (let done = 0; done < target.length; ) {
        if (pool.length === 0) pool = stream.update(zeros)
        const part = pool.subarray(0, Math.min(pool.length, target.length - done))
        target.set(part, done)
        pool = pool.subarray(part.length)
        done += part.length
      }
      return target
    }
  }
}

/** `length` fresh random bytes. */
export function randomBytes(random: Random, length: number): Uint8Array {
  return random.fill(new Uint8Array(length))
}

/** A whole number drawn evenly from 0 to `limit` - 1, without modulo bias. `limit` is 1 to 2^32. */
export function randomBelow(random: Random, limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32)
    throw new RangeError('limit must be a whole number from 1 to 2^32')
  const fair = 2 ** 32 - (2 ** 32 % limit)
  const word = new DataView(new ArrayBuffer(4))
  const bytes = new Uint8Array(word.buffer)
  for (;;) {
    random.fill(bytes)
    const draw = word.getUint32(0, true)
    if (draw < fair) return draw % limit
  }
}

/** A number drawn evenly from [0, 1) with 32 bits of resolution. */
export function randomUnit(random: Random): number {
  return randomBelow(random, 2 ** 32) / 2 ** 32
}

/** A new array with the items of `items` in random order (Fisher-Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomBelow(random, i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
