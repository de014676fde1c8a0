import { seededRandom, shuffled } from '../../base/random.ts'
import { averagePrecision, groupByDistance, type LabelledCodes, packCodes } from '../evaluate/average-precision.ts'
import type { Codebook } from '../net/codebook.ts'
import type { ViewSet } from '../data/load-views.ts'
import type { TrainingRun } from './training-run.ts'
import type { AttackResult, AttackSettings, InferResult } from '../workers/worker-jobs.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

type Weights = Float32Array<SharedArrayBuffer>

/** Images of a set, and the weights to see them through. */
export interface Sight {
  readonly pool: WorkerPool
  readonly weights: Weights
  readonly views: ViewSet
  readonly images: Int32Array
}

const DATABASE_MOST = 2000 // training images that stand for the database in validation: a second instead of ten
const ATTACKED_MOST = 192 // validation images that are attacked: six batches of 32
const VALIDATION_BITS = 16

/** Head outputs of these images on all workers. */
export async function inferAll({ pool, weights, views, images }: Sight): Promise<InferResult> {
  const parts = shares(images, pool.workers)
  const results = await Promise.all(
    parts.map((part, at) => pool.run(at, { kind: 'infer', weights, pixels: views.pixels, images: part }))
  )
  return new Map(
    pool.net.codeBits.map(bits => {
      const joined = new Float32Array(images.length * bits)
      let first = 0
      results.forEach((result, at) => {
        joined.set(result.get(bits) ?? [], first)
        first += parts[at].length * bits
      })
      return [bits, joined]
    })
  )
}

/** mAP@k of queries against a database, tie-aware, with one value a query. */
export function precisions(queries: LabelledCodes, database: LabelledCodes, k: number): Float64Array {
  return Float64Array.from(queries.labels, (label, at) => {
    const query = queries.bytes.subarray(at * queries.width, (at + 1) * queries.width)
    return averagePrecision(groupByDistance(database, query, { label }), k)
  })
}

/** Validation mAP@100 at 16 bits (or the net's first length) of the averaged weights: clean, and, on request, under PGD-10. */
export async function validate(
  run: TrainingRun,
  views: ViewSet,
  epsilon: number
): Promise<{ clean: number; robust?: number }> {
  const { pool, state } = run
  const bits = run.net.codeBits.includes(VALIDATION_BITS) ? VALIDATION_BITS : run.net.codeBits[0]
  const sample = shuffled(seededRandom('validation/database'), [...run.training]).slice(0, DATABASE_MOST)
  const codesOf = async (images: Int32Array): Promise<LabelledCodes> => {
    const outputs = await inferAll({ pool, weights: state.average, views, images })
    return packCodes(outputs.get(bits) ?? new Float32Array(0), bits, labelsOf(views, images))
  }
  const database = await codesOf(Int32Array.from(sample))
  const clean = meanOf(precisions(await codesOf(run.validation), database, 100))
  if (epsilon === 0) return { clean }
  const attacked = Int32Array.from(
    shuffled(seededRandom('validation/attacked'), [...run.validation]).slice(0, ATTACKED_MOST)
  )
  const settings: AttackSettings = {
    goal: 'untargeted',
    epsilon,
    steps: 10,
    stepSize: epsilon / 4,
    restarts: 1,
    seed: 'validation'
  }
  const book = run.books.find(candidate => candidate.bits === bits) ?? run.books[0]
  const sight = { pool, weights: state.average, views, images: attacked }
  const { outputs } = await attackAll(sight, { settings, book, labels: labelsOf(views, attacked) })
  return { clean, robust: meanOf(precisions(packCodes(outputs, bits, labelsOf(views, attacked)), database, 100)) }
}

/** These images after an attack on all workers; `labels` are the own classes or the target classes. */
export async function attackAll(
  { pool, weights, views, images }: Sight,
  { settings, book, labels }: { settings: AttackSettings; book: Codebook; labels: Int32Array }
): Promise<{ readonly outputs: Float32Array; readonly images: Float32Array; readonly parts: readonly AttackResult[] }> {
  let first = 0
  const parts = await Promise.all(
    shares(images, pool.workers).map((part, at) => {
      const codes = codesFor(book, labels.subarray(first, first + part.length))
      first += part.length
      const job = {
        kind: 'attack',
        weights,
        pixels: views.pixels,
        images: part,
        bits: book.bits,
        codes,
        settings
      } as const
      return pool.run(at, job)
    })
  )
  return { outputs: join(parts.map(part => part.outputs)), images: join(parts.map(part => part.images)), parts }
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let to = 0
  for (const part of parts) {
    joined.set(part, to)
    to += part.length
  }
  return joined
}

/** The centres of these classes, one row each. */
export function codesFor({ bits, signs }: Codebook, labels: Int32Array): Int8Array {
  const codes = new Int8Array(labels.length * bits)
  labels.forEach((label, at) => {
    codes.set(signs.subarray(label * bits, (label + 1) * bits), at * bits)
  })
  return codes
}

/** Labels of these images. */
export function labelsOf(views: ViewSet, images: Int32Array): Int32Array {
  return images.map(at => views.labels[at])
}

/** Mean of some values. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

function shares(images: Int32Array, workers: number): Int32Array[] {
  const size = Math.ceil(images.length / workers)
  return Array.from({ length: workers }, (_, at) => images.slice(at * size, (at + 1) * size))
}
