import type { Random } from '../base/random.ts'

/** Evenly drawn numbers from -1 to 1, in bulk (16 bits each). */
export function evenDraws(random: Random, count: number): Float32Array {
  const words = new Uint16Array(count)
  random.fill(new Uint8Array(words.buffer))
  return Float32Array.from(words, word => word / 32767.5 - 1)
}
