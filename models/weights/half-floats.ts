import { Float16Array } from '@petamoriken/float16'

/** Floats rounded to IEEE half precision (nearest, ties to even), as their 16-bit patterns. Too large becomes infinity. */
export function toHalves(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer)
}

/** The floats of half-precision bit patterns, exact. */
export function fromHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(new Float16Array(halves.slice().buffer))
}
