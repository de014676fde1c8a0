import { bitCount } from '../../base/bit-count.ts'
/** Codes as bytes, one after the other, and their class indices. */
export interface LabelledCodes {
  /** Bytes a code. */
  readonly width: number
  readonly bytes: Uint8Array
  readonly labels: Int32Array
}

/** Pack head outputs (bit 1 where z >= 0, most significant bit first) and their labels. */
export function packCodes(outputs: Float32Array, bits: number, labels: Int32Array): LabelledCodes {
  const width = bits >> 3
  const bytes = new Uint8Array(width * labels.length)
  for (let at = 0; at < labels.length; at++) {
    for (let k = 0; k < bits; k++) if (outputs[at * bits + k] >= 0) bytes[at * width + (k >> 3)] |= 0x80 >> (k & 7)
  }
  return { width, bytes, labels }
}

/** How many database codes, and how many relevant ones, lie at each Hamming distance from a query. */
export interface DistanceGroups {
  readonly sizes: Uint32Array
  readonly relevant: Uint32Array
}

const BIT_COUNTS = Uint8Array.from({ length: 256 }, (_, byte) => bitCount(byte))

/** Group the database by distance from query `at`; `label` says what is relevant, `except` leaves one image out. */
export function groupByDistance(
  database: LabelledCodes,
  query: Uint8Array,
  { label, except = -1 }: { label: number; except?: number }
): DistanceGroups {
  const { width, bytes, labels } = database
  const sizes = new Uint32Array(8 * width + 1)
  const relevant = new Uint32Array(8 * width + 1)
  for (let at = 0; at < labels.length; at++) {
    if (at === except) continue
    let distance = 0
    for (let i = 0; i < width; i++) distance += BIT_COUNTS[query[i] ^ bytes[at * width + i]]
    sizes[distance]++
    if (labels[at] === label) relevant[distance]++
  }
  return { sizes, relevant }
}

/**
 * Average precision of the first k, exact in expectation over all orders within ties (McSherry and Najork 2008), with the
 * divisor min(relevant in the database, k). 0 when nothing is relevant.
 */
export function averagePrecision({ sizes, relevant }: DistanceGroups, k: number): number {
  const all = relevant.reduce((total, count) => total + count, 0)
  let sum = 0
  let before = 0
  let relevantBefore = 0
  for (let distance = 0; distance < sizes.length && before < k; distance++) {
    const n = sizes[distance]
    const r = relevant[distance]
    const last = Math.min(n, k - before)
    const slope = n > 1 ? (r - 1) / (n - 1) : 0
    for (let j = 1; r > 0 && j <= last; j++) sum += ((r / n) * (relevantBefore + 1 + (j - 1) * slope)) / (before + j)
    before += n
    relevantBefore += r
  }
  return all === 0 ? 0 : sum / Math.min(all, k)
}

/** Expected share of relevant images among the first k, over all orders within ties. */
export function precisionAt({ sizes, relevant }: DistanceGroups, k: number): number {
  let before = 0
  let found = 0
  for (let distance = 0; distance < sizes.length && before < k; distance++) {
    const taken = Math.min(sizes[distance], k - before)
    found += sizes[distance] === 0 ? 0 : (relevant[distance] * taken) / sizes[distance]
    before += taken
  }
  return before === 0 ? 0 : found / before
}

/** One order of the first `most` images, drawn evenly within ties: 1 where the image is relevant. `draw` gives [0, 1). */
export function drawOrder({ sizes, relevant }: DistanceGroups, most: number, draw: () => number): Uint8Array {
  const all = sizes.reduce((total, count) => total + count, 0)
  const order = new Uint8Array(Math.min(most, all))
  for (let distance = 0, at = 0; distance < sizes.length && at < order.length; distance++) {
    let hits = relevant[distance]
    for (let left = sizes[distance]; left > 0 && at < order.length; left--, at++) {
      if (hits === 0 || (hits < left && draw() * left >= hits)) continue
      order[at] = 1
      hits--
    }
  }
  return order
}

/**
 * Average precision as the DeepHash and SAAT code defines it: the mean, over the relevant images found among the first k
 * of one order, of the precision at their ranks; 0 when none is found. It rewards a list with one hit and nothing after.
 */
export function foundNormalisedPrecision(order: Uint8Array, k: number): number {
  let sum = 0
  let found = 0
  for (let at = 0; at < Math.min(k, order.length); at++) if (order[at] === 1) sum += ++found / (at + 1)
  return found === 0 ? 0 : sum / found
}

/** Interpolated precision at recalls 0, 0.1, … 1: the best precision of any distance that reaches the recall. */
export function precisionRecall({ sizes, relevant }: DistanceGroups): Float64Array {
  const all = relevant.reduce((total, count) => total + count, 0)
  const levels = new Float64Array(11)
  let seen = 0
  let found = 0
  for (let distance = 0; distance < sizes.length; distance++) {
    seen += sizes[distance]
    found += relevant[distance]
    if (seen === 0 || all === 0) continue
    for (let level = 0; level <= 10 && level / 10 <= found / all; level++) {
      levels[level] = Math.max(levels[level], found / seen)
    }
  }
  return levels
}
