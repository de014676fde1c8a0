import { QUANTUM_LAYERS, QUANTUM_LAYERS_INVERSE } from './quantum-gates.ts'

/** What diffusion runs on: one quantum logistic word per byte, and the bytes before the first and after the last one. */
export interface DiffusionKey {
  readonly words: Uint32Array
  readonly iv1: number
  readonly iv2: number
}

const layer = (word: number, shift: number, byte: number): number => (((word >>> shift) & 15) << 8) | (byte & 255)

/**
 * Diffusion, in place, forward then backward, so that every byte depends on every other:
 * c_i = Q[n1]((A_i + c_(i-1)) xor w_i[0..7]), n1 = w_i[8..11]; d_i = Q[n2]((c_i xor d_(i+1)) + w_i[16..23]), n2 = w_i[12..15].
 */
export function diffuse(bytes: Uint8Array, { words, iv1, iv2 }: DiffusionKey): void {
  let last = iv1
  for (let i = 0; i < bytes.length; i++) {
    last = QUANTUM_LAYERS[layer(words[i], 8, (bytes[i] + last) ^ words[i])]
    bytes[i] = last
  }
  last = iv2
  for (let i = bytes.length - 1; i >= 0; i--) {
    last = QUANTUM_LAYERS[layer(words[i], 12, (bytes[i] ^ last) + (words[i] >>> 16))]
    bytes[i] = last
  }
}

/** Undoes {@link diffuse}. */
export function undiffuse(bytes: Uint8Array, { words, iv1, iv2 }: DiffusionKey): void {
  for (let i = 0; i < bytes.length; i++) {
    const next = i + 1 < bytes.length ? bytes[i + 1] : iv2
    bytes[i] = (QUANTUM_LAYERS_INVERSE[layer(words[i], 12, bytes[i])] - (words[i] >>> 16)) ^ next
  }
  for (let i = bytes.length - 1; i >= 0; i--) {
    const previous = i > 0 ? bytes[i - 1] : iv1
    bytes[i] = (QUANTUM_LAYERS_INVERSE[layer(words[i], 8, bytes[i])] ^ words[i]) - previous
  }
}
