import { agreement, centreOf, type Codebook } from '../net/codebook.ts'

/** What an attack is up to for one image: away from its own class, or, where one is wanted, to that one. */
export interface Aim {
  readonly own: number
  readonly wanted?: number
}

/** By how much a code is nearer to the nearest other centre than to the own one, or to the wanted one than to any other. */
export function margin(book: Codebook, z: ArrayLike<number>, aim: Aim): number {
  return gapOf(book, aim, label => agreement(book, label, z))
}

/** {@link margin} of tanh(alpha z) in place of bits: it changes with every output, so that a search sees where to go. */
export function softMargin(book: Codebook, z: ArrayLike<number>, { aim, alpha }: { aim: Aim; alpha: number }): number {
  const soft = Float64Array.from(z, value => Math.tanh(alpha * value))
  return gapOf(book, aim, label => centreOf(book, label).reduce((sum, sign, k) => sum + sign * soft[k], 0))
}

/** The alpha that brings outputs to about 1 on average, so that saturated ones still count. */
export function slopeFor(z: Float32Array): number {
  const size = z.reduce((total, value) => total + Math.abs(value), 0) / z.length
  return 1 / Math.max(size, 1e-6)
}

function gapOf({ classes }: Codebook, { own, wanted }: Aim, likeness: (label: number) => number): number {
  const from = wanted ?? own
  let most = Number.NEGATIVE_INFINITY
  for (let label = 0; label < classes; label++) if (label !== from) most = Math.max(most, likeness(label))
  const gap = most - likeness(from)
  return wanted === undefined ? gap : -gap
}
