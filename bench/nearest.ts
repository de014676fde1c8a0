// Queries of the nearest codes in a second of one core's time (CPU time: other work on the machine counts less), for uniform codes and for codes in classes as a trained model gives
// them, and how much faster than a scan in TypeScript, in the same run. `node bench/nearest.ts [--json]`.
import { toString as toText } from 'uint8arrays/to-string'
import type { ImageId } from '../base/ids.ts'
import { randomBelow, randomBytes, seededRandom } from '../base/random.ts'
import { NearestCodes } from '../indexing/nearest.ts'

const SEED = 'bench nearest'
const CLASSES = 12
const ROUND_MS = 150
const ROUNDS = 5

/** How codes lie: anywhere, equal to one of 12 classes, or with 6 % of a class's bits flipped. */
export type Spread = 'uniform' | 'classes' | 'noisy classes'

interface Case {
  readonly bits: number
  readonly images: number
  readonly k: number
  readonly spread: Spread
}

/** One line of the table. */
export interface NearestFigure extends Case {
  /** Median of some rounds. */
  readonly queriesPerSecond: number
  /** A scan with counting select in TypeScript on the same codes; undefined where it was not measured. */
  readonly scriptQueriesPerSecond: number | undefined
  /** Taking all images in, one by one. */
  readonly addsPerSecond: number
}

const CASES: readonly Case[] = (['uniform', 'classes', 'noisy classes'] as const).flatMap(spread => [
  { bits: 64, images: 1_000_000, k: 100, spread },
  { bits: 16, images: 1_000_000, k: 100, spread },
  { bits: 16, images: 1_000_000, k: 10, spread },
  { bits: 16, images: 12_446, k: 100, spread },
  { bits: 16, images: 12_446, k: 10, spread },
  { bits: 256, images: 200_000, k: 100, spread }
])

/** Measure everything. Takes about a minute. */
export function measureNearest(): NearestFigure[] {
  const figures: NearestFigure[] = []
  let filled: { key: string; fill: Filled } | undefined
  for (const each of CASES) {
    const key = `${each.bits} ${each.images} ${each.spread}`
    if (filled?.key !== key) filled = { key, fill: fill(each) }
    figures.push(measure(each, filled.fill))
  }
  return figures
}

/** The figures as text. */
export function nearestTable(figures: readonly NearestFigure[]): string {
  const lines = figures.map(({ bits, images, k, spread, queriesPerSecond, scriptQueriesPerSecond, addsPerSecond }) => {
    const ratio =
      scriptQueriesPerSecond === undefined ? '' : `${(queriesPerSecond / scriptQueriesPerSecond).toFixed(0)}x`
    const name = `${bits} bits, ${images} codes, top ${k}, ${spread}`
    return `${name.padEnd(52)}${[queriesPerSecond.toFixed(0), ratio, addsPerSecond.toFixed(0)].map(cell => cell.padStart(12)).join('')}`
  })
  const title = ['queries/s', 'TypeScript', 'adds/s'].map(cell => cell.padStart(12)).join('')
  return [`${''.padEnd(52)}${title}`, ...lines].join('\n')
}

interface Filled {
  readonly codes: NearestCodes
  readonly packed: Uint8Array
  readonly queries: readonly Uint8Array[]
  readonly addsPerSecond: number
}

function fill({ bits, images, spread }: Case): Filled {
  const random = seededRandom(`${SEED} ${bits} ${spread}`)
  const draw = drawer(bits, spread)
  const packed = new Uint8Array((images * bits) / 8)
  const ids = randomBytes(random, images * 32)
  for (let n = 0; n < images; n++) packed.set(draw(), (n * bits) / 8)
  const names = Array.from({ length: images }, (_, n) => toText(ids.subarray(n * 32, n * 32 + 32), 'hex') as ImageId)
  const codes = new NearestCodes(bits)
  const begin = coreMs()
  for (let n = 0; n < images; n++) codes.add(names[n], packed.subarray((n * bits) / 8, ((n + 1) * bits) / 8))
  const addsPerSecond = images / ((coreMs() - begin) / 1000)
  return { codes, packed, queries: Array.from({ length: 512 }, () => draw()), addsPerSecond }
}

function drawer(bits: number, spread: Spread): () => Uint8Array {
  const random = seededRandom(`${SEED} codes ${bits} ${spread}`)
  const classes = Array.from({ length: CLASSES }, () => randomBytes(random, bits / 8))
  return () => {
    if (spread === 'uniform') return randomBytes(random, bits / 8)
    const code = classes[randomBelow(random, CLASSES)].slice()
    if (spread === 'classes') return code
    const draws = randomBytes(random, bits)
    for (let bit = 0; bit < bits; bit++) if (draws[bit] < 0.06 * 256) code[bit >> 3] ^= 0x80 >> (bit & 7)
    return code
  }
}

function measure(each: Case, { codes, packed, queries, addsPerSecond }: Filled): NearestFigure {
  let next = 0
  const ask = (): void => {
    codes.nearest(queries[next++ % queries.length], each.k)
  }
  for (let n = 0; n < queries.length; n++) ask() // names of the results are made once, so let them be made
  const rounds = Array.from({ length: ROUNDS }, () => perSecond(ask))
  const script = each.bits === 64 || each.bits === 16 ? measureScript(each, packed, queries) : undefined
  return { ...each, queriesPerSecond: median(rounds), scriptQueriesPerSecond: script, addsPerSecond }
}

function perSecond(work: () => void): number {
  const begin = coreMs()
  let count = 0
  while (coreMs() - begin < ROUND_MS) {
    for (let n = 0; n < 8; n++) work()
    count += 8
  }
  return count / ((coreMs() - begin) / 1000)
}

function measureScript({ bits, images, k }: Case, packed: Uint8Array, queries: readonly Uint8Array[]): number {
  const words = bits === 16 ? new Uint16Array(packed.buffer) : new Uint32Array(packed.buffer)
  const distances = new Uint8Array(images)
  const targets = queries.map(query =>
    bits === 16 ? new Uint16Array(query.slice().buffer) : new Uint32Array(query.slice().buffer)
  )
  let next = 0
  return perSecond(() => scanInScript({ words, target: targets[next++ % targets.length], distances, k }))
}

/** Distances by 32-bit population counts, then the slots up to the k-th distance by counting. Ties stay unordered. */
function scanInScript(of: {
  words: Uint16Array | Uint32Array
  target: Uint16Array | Uint32Array
  distances: Uint8Array
  k: number
}): number[] {
  const { words, target, distances, k } = of
  const counts = new Uint32Array(257)
  for (let slot = 0, at = 0; slot < distances.length; slot++) {
    let distance = 0
    for (let w = 0; w < target.length; w++) distance += populationCount(words[at++] ^ target[w])
    distances[slot] = distance
    counts[distance]++
  }
  let limit = 0
  for (let held = counts[0]; held < k && limit < 256; ) held += counts[++limit]
  const near: number[] = []
  for (let slot = 0; slot < distances.length; slot++) if (distances[slot] <= limit) near.push(slot)
  return near.sort((a, b) => distances[a] - distances[b]).slice(0, k)
}

function populationCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Milliseconds that this thread has had a core. */
function coreMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

if (process.argv[1] === import.meta.filename) {
  const figures = measureNearest()
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : nearestTable(figures))
}
