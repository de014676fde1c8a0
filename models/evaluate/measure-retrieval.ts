import { seededRandom } from '../../base/random.ts'
import {
  averagePrecision,
  drawOrder,
  foundNormalisedPrecision,
  groupByDistance,
  type LabelledCodes,
  precisionAt,
  precisionRecall
} from './average-precision.ts'
import { bootstrap, mean } from './bootstrap.ts'

/** A measure at each cut-off: "100", "200", "500", "1000" and "all". */
export type AtCutoffs = Readonly<Record<string, number>>

/** How well codes find images of the same class. Means over queries unless said otherwise. */
export interface Retrieval {
  /** Tie-aware mAP@k with divisor min(R, k). */
  readonly map: AtCutoffs
  /** The DeepHash definition beside it, ties broken by a seeded shuffle. */
  readonly foundNormalisedMap: AtCutoffs
  /** 95 % bootstrap interval over queries of the mAP at the first cut-off. */
  readonly low: number
  readonly high: number
  /** Expected precision among the first k. */
  readonly precision: AtCutoffs
  /** Interpolated precision at recalls 0, 0.1, … 1. */
  readonly precisionRecall: readonly number[]
  /** mAP at the first cut-off by class index of the query. */
  readonly perClass: Readonly<Record<string, number>>
  /** Mean of `perClass`. */
  readonly macroMap: number
  /** Average precision at the first cut-off of each query. */
  readonly perQuery: Float64Array
}

/** The cut-offs of the paper's Table 5 to 7, and the whole list. */
export const CUTOFFS: readonly (number | 'all')[] = Object.freeze([100, 200, 500, 1000, 'all'])

const SHUFFLE_SEED = 20250926 // fixed by the protocol

/** What {@link measureRetrieval} may be told. */
export interface MeasureInit {
  /** Queries and database are the same images: each query is left out of its own list. */
  readonly leaveOneOut?: boolean
}

/** Rank the database for each query by Hamming distance and measure (the paper's Eq. 15, with exact handling of ties). */
export function measureRetrieval(queries: LabelledCodes, database: LabelledCodes, init: MeasureInit = {}): Retrieval {
  const all = database.labels.length
  const cutoffs = CUTOFFS.map(cutoff => ({ name: String(cutoff), k: cutoff === 'all' ? all : cutoff }))
  const draw = bulkDraws()
  const count = queries.labels.length
  const values = cutoffs.map(() => new Float64Array(count))
  const found = new Float64Array(cutoffs.length)
  const precise = new Float64Array(cutoffs.length)
  const levels = new Float64Array(11)
  queries.labels.forEach((label, at) => {
    const query = queries.bytes.subarray(at * queries.width, (at + 1) * queries.width)
    const groups = groupByDistance(database, query, { label, except: init.leaveOneOut === true ? at : undefined })
    const order = drawOrder(groups, all, draw)
    cutoffs.forEach(({ k }, cutoff) => {
      values[cutoff][at] = averagePrecision(groups, k)
      found[cutoff] += foundNormalisedPrecision(order, k) / count
      precise[cutoff] += precisionAt(groups, k) / count
    })
    precisionRecall(groups).forEach((value, level) => {
      levels[level] += value / count
    })
  })
  const byName = (of: (at: number) => number): AtCutoffs =>
    Object.fromEntries(cutoffs.map(({ name }, at) => [name, of(at)]))
  const perClass = meanByClass(values[0], queries.labels)
  return {
    map: byName(at => mean(values[at])),
    foundNormalisedMap: byName(at => found[at]),
    ...bootstrap(values[0]),
    precision: byName(at => precise[at]),
    precisionRecall: [...levels],
    perClass,
    macroMap: mean(Object.values(perClass)),
    perQuery: values[0]
  }
}

function meanByClass(values: Float64Array, labels: Int32Array): Record<string, number> {
  const classes = [...new Set(labels)].sort((a, b) => a - b)
  return Object.fromEntries(
    classes.map(label => [String(label), mean([...values].filter((_, at) => labels[at] === label))])
  )
}

function bulkDraws(): () => number {
  const random = seededRandom(SHUFFLE_SEED)
  const words = new Uint32Array(4096)
  let next = words.length
  return () => {
    if (next === words.length) {
      random.fill(new Uint8Array(words.buffer))
      next = 0
    }
    return words[next++] / 2 ** 32
  }
}
