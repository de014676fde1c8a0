import { withDefaults } from '../../base/options.ts'
import { randomBelow, seededRandom } from '../../base/random.ts'
import { type LabelledCodes, packCodes } from './average-precision.ts'
import { figuresBySource, type SourceFigures } from './by-source.ts'
import { codebook } from '../net/codebook.ts'
import type { FileSource } from '../data/file-source.ts'
import type { ViewSet } from '../data/load-views.ts'
import { type AtCutoffs, measureRetrieval, type Retrieval } from './measure-retrieval.ts'
import type { TrainedNet } from '../weights/model-file.ts'
import { type AttackPlan, attackAll, inferAll, labelsOf, type Sight } from '../workers/see-images.ts'
import type { AttackMethod, AttackResult, AttackSettings } from '../attack/attack-job.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

/** An attack on the queries, and through which net its gradients go (left out: the model under test, the worst case). */
export interface QueryAttack {
  /** `noise` changes every pixel by epsilon with a random sign: the control that PGD must beat. */
  readonly goal: 'targeted' | 'untargeted' | 'noise'
  /** How; `noise` has no method. */
  readonly method?: AttackMethod
  readonly epsilon: number
  readonly steps?: number
  readonly restarts?: number
  /** A pool and weights of another net: the transfer attack. */
  readonly through?: { readonly pool: WorkerPool; readonly weights: TrainedNet['weights'] }
}

/** What {@link evaluate} measures with. */
export interface EvaluateInit {
  readonly pool: WorkerPool
  readonly weights: TrainedNet['weights']
  readonly queries: ViewSet
  readonly database: ViewSet
  readonly bits: number
  /** Queries to take; all when left out. */
  readonly images?: Int32Array
  readonly attack?: QueryAttack
  /** Where a model knows more classes than the images have: how many, and the model's index of each of theirs. */
  readonly centres?: { readonly classes: number; readonly index: Int32Array }
  /** How the file of each image of `queries` has its pixels. */
  readonly sources?: readonly FileSource[]
  /** Fixes targets and random starts. */
  readonly seed?: string
}

/** The measures of one model on one pair of query and database images. */
export interface Evaluation extends Omit<Retrieval, 'perQuery'> {
  readonly queries: number
  readonly database: number
  readonly bits: number
  /** Class names in the order of the indices in `perClass`. */
  readonly classes: readonly string[]
  /** mAP of random order: the mean share of the query's class in the database. */
  readonly chance: number
  /** Attacked queries, true class. */
  readonly adversarialMap?: AtCutoffs
  readonly adversarialLow?: number
  readonly adversarialHigh?: number
  /** Attacked queries, scored by the target class: the attack's success (t-mAP). */
  readonly targetedMap?: AtCutoffs
  readonly attack?: {
    readonly goal: string
    readonly method?: AttackMethod
    readonly epsilon: number
    readonly steps: number
    readonly restarts: number
    readonly queries: number
    /** Mean over queries of the largest change of a pixel, in 0..1. */
    readonly meanLargestChange: number
    /** Mean squared change of a pixel. */
    readonly meanSquaredChange: number
  }
  /** As `precisionRecall`, for the attacked queries. */
  readonly adversarialPrecisionRecall?: readonly number[]
  /** By how the query's file has its pixels, where that was told. */
  readonly bySource?: readonly SourceFigures[]
}

/** PGD as the protocol has it: 100 steps of 1/255. */
const ATTACK_DEFAULTS = Object.freeze({ steps: 100, stepSize: 1 / 255, restarts: 1 })

/**
 * Measure retrieval by the codes of a model: the database clean, the queries clean and, on request, attacked. The centres
 * of the training are the mainstay codes, so class indices must be those of training.
 */
export async function evaluate(init: EvaluateInit): Promise<Evaluation> {
  const { pool, weights, queries, database, bits } = init
  const images = init.images ?? Int32Array.from(queries.names.keys())
  const codesOf = async (views: ViewSet, of: Int32Array): Promise<LabelledCodes> => {
    const outputs = await inferAll({ pool, weights, views, images: of })
    return packCodes(outputs.get(bits) ?? new Float32Array(0), bits, labelsOf(views, of))
  }
  const stored = await codesOf(database, Int32Array.from(database.names.keys()))
  const { perQuery, ...clean } = measureRetrieval(await codesOf(queries, images), stored)
  const { attack, sources } = init
  const attacked = attack === undefined ? undefined : await measureAttack(init, attack, { images, stored })
  const labels = labelsOf(queries, images)
  return {
    queries: images.length,
    database: database.names.length,
    bits,
    classes: queries.classes,
    ...clean,
    chance: chanceOf(labels, database.labels),
    ...attacked?.figures,
    bySource:
      sources &&
      figuresBySource({
        sources: [...images].map(at => sources[at]),
        labels,
        clean: perQuery,
        attacked: attacked?.perQuery
      })
  }
}

/** mAP with the queries themselves as database, each left out of its own list (DB-held). */
export async function evaluateHeld({ pool, weights, queries, bits }: EvaluateInit): Promise<Retrieval> {
  const images = Int32Array.from(queries.names.keys())
  const outputs = await inferAll({ pool, weights, views: queries, images })
  const codes = packCodes(outputs.get(bits) ?? new Float32Array(0), bits, queries.labels)
  return measureRetrieval(codes, codes, { leaveOneOut: true })
}

async function measureAttack(
  init: EvaluateInit,
  attack: QueryAttack,
  { images, stored }: { images: Int32Array; stored: LabelledCodes }
): Promise<{ figures: Partial<Evaluation>; perQuery: Float64Array }> {
  const { queries, bits } = init
  const seed = init.seed ?? '1'
  const labels = labelsOf(queries, images)
  const targets = targetClasses(queries, images, seed)
  const settings = settingsOf(attack, seed)
  const aims = attack.goal === 'targeted' ? targets : undefined
  const { through } = attack
  const { outputs, ...changes } = await attackQueries(init, { through, settings, images, labels, targets: aims })
  const hit = measureRetrieval(packCodes(outputs, bits, labels), stored)
  const lured = aims !== undefined ? measureRetrieval(packCodes(outputs, bits, aims), stored) : undefined
  const { method = 'pgd', steps, restarts } = settings
  const figures = {
    adversarialMap: hit.map,
    adversarialLow: hit.low,
    adversarialHigh: hit.high,
    targetedMap: lured?.map,
    adversarialPrecisionRecall: hit.precisionRecall,
    attack: { goal: attack.goal, method, epsilon: attack.epsilon, steps, restarts, queries: images.length, ...changes }
  }
  return { figures, perQuery: hit.perQuery }
}

function settingsOf({ goal, method, epsilon, steps, restarts }: QueryAttack, seed: string): AttackSettings {
  const { stepSize } = ATTACK_DEFAULTS
  if (goal === 'noise') return { epsilon, steps: 0, stepSize, restarts: 1, corners: true, seed }
  return withDefaults<AttackSettings>({ ...ATTACK_DEFAULTS, epsilon, seed }, { method, steps, restarts })
}

async function attackQueries(
  { pool, weights, queries, bits, centres }: EvaluateInit,
  of: Omit<AttackPlan, 'book'> & { through: QueryAttack['through']; images: Int32Array }
): Promise<{ outputs: Float32Array; meanLargestChange: number; meanSquaredChange: number }> {
  const { through, settings, images } = of
  const sight: Sight = { pool, weights, views: queries, images }
  const book = codebook(centres?.classes ?? queries.classes.length, bits)
  const inModel = (labels: Int32Array): Int32Array =>
    centres === undefined ? labels : labels.map(label => centres.index[label])
  const plan = { settings, book, labels: inModel(of.labels), targets: of.targets && inModel(of.targets) }
  const attacked = await attackAll(through === undefined ? sight : { ...sight, ...through }, plan)
  const mean = (measure: (part: AttackResult) => number): number =>
    attacked.parts
      .filter(part => part.images.length > 0)
      .reduce((total, part) => total + (measure(part) * part.images.length) / attacked.images.length, 0)
  return {
    outputs: through === undefined ? attacked.outputs : await seenBy(sight, attacked.images, bits),
    meanLargestChange: mean(part => part.meanLargestChange),
    meanSquaredChange: mean(part => part.meanSquaredChange)
  }
}

/** Outputs of the model under test for images that were made against another one (rounded to 8 bits, as files are). */
async function seenBy(sight: Sight, images: Float32Array, bits: number): Promise<Float32Array> {
  const pixels = new Uint8Array(new SharedArrayBuffer(images.length))
  for (let i = 0; i < images.length; i++) pixels[i] = Math.round(255 * images[i])
  const views = { ...sight.views, pixels }
  const outputs = await inferAll({ ...sight, views, images: Int32Array.from(sight.images.keys()) })
  return outputs.get(bits) ?? new Float32Array(0)
}

/** A class other than its own for each query, drawn evenly and fixed by the seed and the image's name. */
function targetClasses(views: ViewSet, images: Int32Array, seed: string): Int32Array {
  return images.map(at => {
    const drawn = randomBelow(seededRandom(`${seed}/target/${views.names[at]}`), views.classes.length - 1)
    return drawn < views.labels[at] ? drawn : drawn + 1
  })
}

function chanceOf(queries: Int32Array, database: Int32Array): number {
  const counts = new Map<number, number>()
  for (const label of database) counts.set(label, (counts.get(label) ?? 0) + 1)
  return queries.reduce((total, label) => total + (counts.get(label) ?? 0), 0) / queries.length / database.length
}
