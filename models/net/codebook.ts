import { checkWhole } from '../../base/options.ts'
import { seededRandom, shuffled } from '../../base/random.ts'

/** Class centres of one code length: row c, bit k at `c·bits + k`, each +1 or -1. */
export interface Codebook {
  readonly classes: number
  readonly bits: number
  readonly signs: Int8Array
}

const MOST_LISTED = 12 // up to here all splits are tried: 462 for 12 classes
const SAMPLED_COLUMNS = 256
const STEEPNESS = 16 // how much more a pair one bit nearer counts

/**
 * Fixed class centres c_y that are far apart and balanced: every bit splits the classes in half, and the splits are chosen
 * greedily, then exchanged one by one, to lower Σ 16^-distance over all pairs. Every peer makes the same
 * book: nothing is drawn but, beyond 12 classes, a fixed sample of splits. For 4 classes this is the cycle of the three 2-2 splits with the least distances 5, 10, 21, 42 at 8, 16, 32, 64
 * bits, which meet the Plotkin bound.
 * @throws RangeError unless there are 2 to 256 classes and 1 to 256 bits
 */
export function codebook(classes: number, bits: number): Codebook {
  checkWhole('classes', classes, 2, 256)
  checkWhole('bits', bits, 1, 256)
  const columns = balancedColumns(classes)
  const distances = new Float64Array(classes * classes)
  const chosen: Int8Array[] = []
  const place = (column: Int8Array, by: 1 | -1): void => {
    for (let a = 0; a < classes; a++) {
      for (let b = 0; b < a; b++) if (column[a] !== column[b]) distances[a * classes + b] += by
    }
  }
  const best = (): Int8Array => {
    const costs = columns.map(column => potential(distances, column))
    return columns[costs.indexOf(Math.min(...costs))]
  }
  for (let k = 0; k < bits; k++) {
    chosen.push(best())
    place(chosen[k], 1)
  }
  for (let k = 0, unchanged = 0; unchanged < bits; k = (k + 1) % bits) {
    place(chosen[k], -1)
    const column = best()
    const better = potential(distances, column) < potential(distances, chosen[k]) * (1 - 1e-9)
    if (better) chosen[k] = column
    place(chosen[k], 1)
    unchanged = better ? 0 : unchanged + 1
  }
  const signs = new Int8Array(classes * bits)
  for (let c = 0; c < classes; c++) for (let k = 0; k < bits; k++) signs[c * bits + k] = chosen[k][c]
  return { classes, bits, signs }
}

/** The least Hamming distance between two centres of a book. */
export function leastDistance({ classes, bits, signs }: Codebook): number {
  let least = bits
  for (let a = 0; a < classes; a++) {
    for (let b = 0; b < a; b++) {
      let distance = 0
      for (let k = 0; k < bits; k++) if (signs[a * bits + k] !== signs[b * bits + k]) distance++
      least = Math.min(least, distance)
    }
  }
  return least
}

/** The centre of a class: ±1 for each bit. */
export function centreOf({ bits, signs }: Codebook, label: number): Int8Array {
  return signs.subarray(label * bits, (label + 1) * bits)
}

/** In how many bits outputs `z` agree with the centre of a class, less those where they do not; ties by correlation. */
export function agreement({ bits, signs }: Codebook, label: number, z: ArrayLike<number>): number {
  let sum = 0
  for (let k = 0; k < bits; k++) sum += signs[label * bits + k] * ((z[k] >= 0 ? 1 : -1) + 1e-3 * Math.tanh(z[k]))
  return sum
}

/** Class whose centre agrees best with the outputs `z`, in the sense of Hamming distance with ties broken by correlation. */
export function nearestCentre(book: Codebook, z: ArrayLike<number>): number {
  let nearest = 0
  let most = Number.NEGATIVE_INFINITY
  for (let c = 0; c < book.classes; c++) {
    const score = agreement(book, c, z)
    if (score > most) {
      most = score
      nearest = c
    }
  }
  return nearest
}

/** Σ over pairs of 16^-distance once `column` is added to a book with these distances. */
function potential(distances: Float64Array, column: Int8Array): number {
  const classes = column.length
  let total = 0
  for (let a = 0; a < classes; a++) {
    for (let b = 0; b < a; b++) total += STEEPNESS ** -(distances[a * classes + b] + (column[a] !== column[b] ? 1 : 0))
  }
  return total
}

/** Splits of the classes into halves, each once (class 0 at +1); for many classes an even sample of them. */
function balancedColumns(classes: number): Int8Array[] {
  const half = Math.ceil(classes / 2)
  if (classes > MOST_LISTED) {
    const random = seededRandom('codebook')
    const members = Array.from({ length: classes }, (_, c) => c)
    return Array.from({ length: SAMPLED_COLUMNS }, () => column(classes, shuffled(random, members).slice(0, half)))
  }
  return Array.from({ length: 2 ** (classes - 1) }, (_, rest) => 2 * rest + 1)
    .map(mask => Array.from({ length: classes }, (_, c) => c).filter(c => (mask >> c) & 1))
    .filter(ones => ones.length === half || ones.length === classes - half)
    .map(ones => column(classes, ones))
}

function column(classes: number, ones: readonly number[]): Int8Array {
  const signs = new Int8Array(classes).fill(-1)
  for (const c of ones) signs[c] = 1
  return signs
}
