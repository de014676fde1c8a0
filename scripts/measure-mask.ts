// What masked codes tell whoever keeps the index: classes found by clustering, by one known image a class, and whole codes
// learnt from known pairs. node scripts/measure-mask.ts DATA/t-mri --model joint-robust [--bits 16] [--seed 1]
import { parseArgs } from 'node:util'
import { basename } from 'node:path'
import { bitCount } from '../base/bit-count.ts'
import { randomBelow, type Random, seededRandom, shuffled } from '../base/random.ts'
import { createReport } from '../cli/console/report.ts'
import { loadImages } from '../cli/training/load-images.ts'
import { codeMask, maskCode } from '../hashing/code-mask.ts'
import { hashCode } from '../hashing/hash-code.ts'
import { packCodes } from '../models/evaluate/average-precision.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { findModel } from '../models/weights/find-model.ts'
import { inferAll, labelsOf } from '../models/workers/see-images.ts'
import { openPool } from '../models/workers/worker-pool.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'joint-robust' },
    bits: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' }
  }
})
const DRAWS = 200 // of the images that are known
const PAIRS = 32
const bits = Number(values.bits)
const random = seededRandom(values.seed)

const model = await findModel(values.model)
const views = await loadImages(await listSplit(positionals, 'test'), {
  side: model.net.side,
  cache: '.cache',
  report: createReport({})
})
const images = Int32Array.from(views.names.keys())
const pool = openPool(model.net, 1)
const outputs = (await inferAll({ pool, weights: model.weights, views, images })).get(bits)
await pool.close()
if (outputs === undefined) throw new RangeError(`the model has no codes of ${bits} bits`)
const labels = labelsOf(views, images)
const packed = packCodes(outputs, bits, labels).bytes
const plain = Array.from(images, at => packed.subarray((at * bits) / 8, ((at + 1) * bits) / 8))
const mask = codeMask(random.fill(new Uint8Array(32)), { model: '0'.repeat(64), view: '0'.repeat(64), bits })
const masked = plain.map(code => maskCode(mask, hashCode(code)).bytes)
const classes = views.classes.length
const draws = Array.from({ length: DRAWS }, () => shuffled(random, [...images]))
console.log(
  `${basename(positionals[0])}: ${images.length} masked codes of ${bits} bits, ${classes} classes, seed ${values.seed}`
)
console.log(`clustering alone: purity ${purity(clustered(random)).toFixed(3)}`)
console.log(
  `one known image a class: ${average(draws.map(oneKnownEach)).toFixed(3)} of all classes (mean of ${DRAWS} draws)`
)
console.log(
  `${PAIRS} known pairs: ${average(draws.map(codesFromPairs)).toFixed(3)} of all codes whole (mean of ${DRAWS} draws)`
)

/** The best of ten runs of k-medoids on Hamming distances: for each image its cluster. */
function clustered(random: Random): number[] {
  const runs = Array.from({ length: 10 }, () => {
    let medoids = Array.from({ length: classes }, () => masked[randomBelow(random, masked.length)])
    let cost = Number.POSITIVE_INFINITY
    for (;;) {
      const nearest = masked.map(code => nearestOf(code, medoids))
      const now = nearest.reduce((sum, { distance }) => sum + distance, 0)
      if (now >= cost) return { cost, of: nearest.map(({ at }) => at) }
      cost = now
      medoids = medoids.map((old, at) =>
        medianOf(
          masked.filter((_, i) => nearest[i].at === at),
          old
        )
      )
    }
  })
  return runs.sort((a, b) => a.cost - b.cost)[0].of
}

/** Bit by bit what most codes have. */
function medianOf(codes: readonly Uint8Array[], none: Uint8Array): Uint8Array {
  if (codes.length === 0) return none
  const median = new Uint8Array(bits / 8)
  for (let k = 0; k < bits; k++) {
    if (2 * codes.filter(code => bitOf(code, k)).length > codes.length) median[k >> 3] |= 0x80 >> (k & 7)
  }
  return median
}

/** The share of images whose cluster's commonest class is theirs. */
function purity(cluster: readonly number[]): number {
  const counts = new Map<number, number[]>()
  cluster.forEach((of, i) => {
    const count = counts.get(of) ?? new Array(classes).fill(0)
    count[labels[i]]++
    counts.set(of, count)
  })
  return [...counts.values()].reduce((sum, count) => sum + Math.max(...count), 0) / cluster.length
}

/** The first image of each class in this order is known: the share of the others whose nearest known one has their class. */
function oneKnownEach(order: readonly number[]): number {
  const known = views.classes.map((_, label) => order.find(at => labels[at] === label) ?? 0)
  const codes = known.map(at => masked[at])
  const right = order.filter(at => labels[at] === nearestOf(masked[at], codes).at)
  return right.length / order.length
}

/** Of the first images in this order both codes are known: the share of all codes that follow from them whole. */
function codesFromPairs(order: readonly number[]): number {
  const known = order.slice(0, PAIRS)
  const used = new Set<number>()
  const guess = Array.from({ length: bits }, (_, k) => {
    const fits = Array.from({ length: bits }, (_, j) => {
      const same = known.filter(at => bitOf(plain[at], k) === bitOf(masked[at], j)).length
      return { j, flip: 2 * same < PAIRS, score: Math.max(same, PAIRS - same) - (used.has(j) ? 0.5 : 0) }
    })
    const best = fits.reduce((a, b) => (b.score > a.score ? b : a))
    used.add(best.j)
    return best
  })
  const whole = order.filter(at =>
    guess.every(({ j, flip }, k) => bitOf(plain[at], k) === (bitOf(masked[at], j) !== flip))
  )
  return whole.length / order.length
}

function nearestOf(code: Uint8Array, among: readonly Uint8Array[]): { at: number; distance: number } {
  let best = { at: 0, distance: Number.POSITIVE_INFINITY }
  among.forEach((other, at) => {
    const distance = code.reduce((sum, byte, i) => sum + bitCount(byte ^ other[i]), 0)
    if (distance < best.distance) best = { at, distance }
  })
  return best
}

function bitOf(code: Uint8Array, k: number): boolean {
  return (code[k >> 3] & (0x80 >> (k & 7))) !== 0
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
