import { NetError } from '../base/errors.ts'
import { checkWhole } from '../base/options.ts'
import { lagrangeWeights } from './gf256.ts'
import { type RowKernel, wasmRowKernel } from './row-kernel.ts'

/** Fragment number x: the value at x, column by column, of the polynomial that the first r fragments lie on. */
export interface Fragment {
  /** 1 to 255. */
  readonly number: number
  readonly bytes: Uint8Array
}

/**
 * Fill in fragments r+1 to s from the first r (systematic Reed-Solomon over GF(2^8)): `fragments[i]` is number i+1, all
 * of one length; the first `threshold` hold the data, the others are overwritten. Any `threshold` of them give the rest.
 * @throws RangeError unless 1 <= threshold <= fragments <= 255
 */
export function encodeFragments(
  fragments: readonly Uint8Array[],
  threshold: number,
  kernel: RowKernel = wasmRowKernel
): void {
  checkWhole('fragments', fragments.length, 1, 255)
  checkWhole('threshold', threshold, 1, fragments.length)
  const data = Array.from({ length: threshold }, (_, j) => j + 1)
  const sums = fragments.slice(threshold)
  const weights = sums.map((_, p) => lagrangeWeights(data, threshold + 1 + p))
  kernel.combine({ weights, rows: fragments.slice(0, threshold), sums })
}

/**
 * The data fragments 1 to r, in order, from any r different ones of one length: those at hand as they are, the missing
 * ones newly computed.
 * @throws NetError `NOT_ENOUGH_SHADOWS` when fewer than `threshold` different fragments are given
 */
export function decodeFragments(
  fragments: readonly Fragment[],
  threshold: number,
  kernel: RowKernel = wasmRowKernel
): Uint8Array[] {
  const known = new Map(fragments.map(({ number, bytes }) => [number, bytes]))
  if (known.size < threshold) {
    throw new NetError('NOT_ENOUGH_SHADOWS', `${threshold} fragments are needed, ${known.size} are there`, {
      detail: { have: known.size, need: threshold }
    })
  }
  const basis = [...known.keys()].sort((a, b) => a - b).slice(0, threshold)
  const rows = basis.map(number => known.get(number) as Uint8Array) // its keys
  const missing = Array.from({ length: threshold }, (_, j) => j + 1).filter(number => !known.has(number))
  const sums = missing.map(() => new Uint8Array(rows[0].length))
  kernel.combine({ weights: missing.map(number => lagrangeWeights(basis, number)), rows, sums })
  for (const [p, number] of missing.entries()) known.set(number, sums[p])
  return Array.from({ length: threshold }, (_, j) => known.get(j + 1) as Uint8Array) // known or just computed
}
