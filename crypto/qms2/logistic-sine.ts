import { fmix32, mulhi } from './fixed-point.ts'

/**
 * One step of the hybrid Logistic-Sine map x' = (r x(1-x) + (4-r)/4 sin(pi x)) mod 1 on an unsigned word x, with
 * R = floor(r·2^30). The sine is the rational 16u / (5 - 4u), u = x(1-x): at most 0.0016 off, and exact everywhere.
 */
export function logisticSineStep(r: number, x: number): number {
  const u = mulhi(x, 0xffffffff - x)
  const divisor = Math.floor((5 * 2 ** 32 - 4 * u) / 65536)
  const sine = Math.min(0xffffffff, Math.floor((u * 2 ** 20) / divisor)) // u·2^20 is below 2^50: exact
  return (mulhi(r, 4 * u) + mulhi(2 ** 32 - r, sine)) >>> 0
}

/** The map's key stream: every call disturbs x by one byte of `nextByte`, makes one step, and gives its word. */
export function logisticSineStream(r: number, start: number, nextByte: () => number): () => number {
  let x = start
  return () => {
    x = logisticSineStep(r, (x ^ nextByte()) >>> 0)
    return fmix32(x)
  }
}
