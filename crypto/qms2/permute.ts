import { mulhi } from './fixed-point.ts'

/** Pixel permutation, in place: Fisher-Yates from the last byte down, j = floor(w·(i+1) / 2^32) of one word each. */
export function permute(bytes: Uint8Array, nextWord: () => number): void {
  for (let i = bytes.length - 1; i > 0; i--) swap(bytes, i, mulhi(nextWord(), i + 1))
}

/** Undoes {@link permute} with the same words: the same exchanges from the last one back. */
export function unpermute(bytes: Uint8Array, nextWord: () => number): void {
  const partner = new Uint32Array(bytes.length)
  for (let i = bytes.length - 1; i > 0; i--) partner[i] = mulhi(nextWord(), i + 1)
  for (let i = 1; i < bytes.length; i++) swap(bytes, i, partner[i])
}

function swap(bytes: Uint8Array, i: number, j: number): void {
  const byte = bytes[i]
  bytes[i] = bytes[j]
  bytes[j] = byte
}
