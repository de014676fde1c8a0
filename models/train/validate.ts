import { seededRandom, shuffled } from '../../base/random.ts'
import type { AttackSettings } from '../attack/attack-job.ts'
import { averagePrecision, groupByDistance, type LabelledCodes, packCodes } from '../evaluate/average-precision.ts'
import { mean } from '../evaluate/bootstrap.ts'
import type { ViewSet } from '../data/load-views.ts'
import { attackAll, inferAll, labelsOf } from '../workers/see-images.ts'
import type { TrainingRun } from './training-run.ts'

const DATABASE_MOST = 2000 // training images that stand for the database in validation: a second instead of ten
const ATTACKED_MOST = 192 // validation images that are attacked: six batches of 32
const VALIDATION_BITS = 16

/** mAP@k of queries against a database, tie-aware, with one value a query. */
function precisions(queries: LabelledCodes, database: LabelledCodes, k: number): Float64Array {
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
  const clean = mean(precisions(await codesOf(run.validation), database, 100))
  if (epsilon === 0) return { clean }
  const attacked = Int32Array.from(
    shuffled(seededRandom('validation/attacked'), [...run.validation]).slice(0, ATTACKED_MOST)
  )
  const settings: AttackSettings = {
    epsilon,
    steps: 10,
    stepSize: epsilon / 4,
    restarts: 1,
    seed: 'validation'
  }
  const book = run.books.find(candidate => candidate.bits === bits) ?? run.books[0]
  const sight = { pool, weights: state.average, views, images: attacked }
  const { outputs } = await attackAll(sight, { settings, book, labels: labelsOf(views, attacked) })
  return { clean, robust: mean(precisions(packCodes(outputs, bits, labelsOf(views, attacked)), database, 100)) }
}
