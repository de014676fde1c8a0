// Measures shipped models and writes the figures into the manifest: what stands in models/README.md comes from here.
// node scripts/measure-model.ts DATA NAME... [--quick]    (DATA holds t-mri, a-mri and k-ct; --quick leaves the attacks out)
// Attacks that are in the manifest already, for the same weights, are not made again: a run that was stopped goes on.
import { join } from 'node:path'
import { type ModelEntry, readManifest, shippedModels } from '../hashing/manifest.ts'
import { seededRandom, shuffled } from '../base/random.ts'
import {
  type Evaluation,
  type EvaluateInit,
  evaluate,
  evaluateHeld,
  type QueryAttack
} from '../models/evaluate/evaluate.ts'
import { centresOf, findModel } from '../models/weights/find-model.ts'
import { withoutCopies } from '../models/data/copies.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { loadViews } from '../models/data/load-views.ts'
import type { AtCutoffs } from '../models/evaluate/measure-retrieval.ts'
import { withoutNearDuplicates } from '../models/data/near-duplicates.ts'
import { openPool } from '../models/workers/worker-pool.ts'
import { addNotes } from '../models/weights/write-model.ts'

interface Planned {
  readonly goal: string
  readonly attack: QueryAttack
  /** Queries, drawn by a fixed seed; all when left out. */
  readonly limit?: number
}

interface Figures {
  readonly digest: string
  attacks: Record<string, unknown>[]
  [figure: string]: unknown
}

const WORKERS = 1
const BITS = 16
const SOME = 256
const FEW = 192
const FEWEST = 96
const APGD_STEPS = 50 // towards each other class

const quick = process.argv.includes('--quick')
const [data, ...names] = process.argv.slice(2).filter(word => word !== '--quick')
for (const name of names) await measure(name)

async function measure(name: string): Promise<void> {
  const entry = (await readManifest(shippedModels())).models.find(model => model.name === name)
  if (entry === undefined) throw new Error(`no model is named ${name}`)
  const model = await findModel(name)
  const sets = entry.dataSets as readonly string[] // every shipped entry has them
  const [only] = sets.length === 1 ? sets : []
  const folders = sets.map(set => join(data, set))
  const views = async (split: 'test' | 'train') =>
    loadViews(await listSplit(folders, split), { side: model.net.side, cacheDir: '.cache/views' })
  const queries = await views('test')
  const pool = openPool(model.net, WORKERS)
  const other = await findModel(only ?? 'joint-clean')
  const init: EvaluateInit = {
    pool,
    weights: model.weights,
    queries,
    database: await views('train'),
    bits: BITS,
    centres: centresOf(model, { classes: queries.classes, set: only ?? '' })
  }
  const through = { pool: openPool(other.net, WORKERS), weights: other.weights }
  try {
    const figures = await measureClean(entry, init, model.net.codeBits)
    await addNotes(shippedModels(), name, { figures })
    if (!quick) for (const planned of attacksOf(name, through)) await measureAttack({ name, figures, init, planned })
  } finally {
    await pool.close()
    await through.pool.close()
  }
}

async function measureClean(entry: ModelEntry, init: EvaluateInit, lengths: readonly number[]): Promise<Figures> {
  const clean: Record<string, unknown> = {}
  for (const bits of lengths) clean[bits] = cleanFigures(await evaluate({ ...init, bits }))
  const held = await evaluateHeld(init)
  const fresh = withoutNearDuplicates(init.queries, init.database)
  const apart = fresh.length === 0 ? undefined : await evaluate({ ...init, images: fresh })
  const before = entry.figures as Figures | undefined // written by this script
  return {
    digest: entry.codesOf ?? entry.digest, // of the codes: a descriptor beside them changes no figure
    clean,
    databaseHeld16: { map100: round(held.map['100']), mapAll: round(held.map.all) },
    withoutCopies16: partFigures(await evaluate({ ...init, images: withoutCopies(init.queries, init.database) })),
    withoutNearDuplicates16: apart && partFigures(apart),
    attacks: before?.digest === (entry.codesOf ?? entry.digest) ? before.attacks : [],
    command: `node scripts/measure-model.ts DATA ${entry.name}`
  }
}

function cleanFigures({ map, foundNormalisedMap, macroMap, low, high, queries, database, chance }: Evaluation) {
  return {
    map: rounded(map),
    foundNormalisedMap: rounded(foundNormalisedMap),
    low: round(low),
    high: round(high),
    macroMap: round(macroMap),
    queries,
    database,
    chance: round(chance)
  }
}

/** A robust model meets every attack, an undefended one the plain one. */
function attacksOf(name: string, through: QueryAttack['through']): Planned[] {
  if (!name.includes('robust')) return [attackOf('untargeted', 8, { steps: 20 }, SOME)]
  const strong = name.startsWith('joint') ? {} : { restarts: 3 } // three of the joint set would take half an hour
  const apgd = { method: 'apgd', steps: APGD_STEPS } as const
  const many = name.startsWith('joint') ? FEW : SOME // nine other classes at most, one after the other
  return [
    attackOf('targeted', 8, strong),
    attackOf('untargeted', 8, strong),
    { ...attackOf('targeted', 8, apgd, many), goal: 'targeted, apgd' },
    { ...attackOf('untargeted', 8, apgd, many), goal: 'untargeted, apgd' },
    { ...attackOf('untargeted', 8, { method: 'square', steps: 500 }, FEWEST), goal: 'untargeted, square' },
    attackOf('noise', 8, {}),
    ...[4, 2].flatMap(size => [attackOf('targeted', size, {}, SOME), attackOf('untargeted', size, {}, SOME)]),
    { ...attackOf('untargeted', 8, { through }, SOME), goal: 'transfer' }
  ]
}

function attackOf(goal: QueryAttack['goal'], size: number, more: Partial<QueryAttack>, limit?: number): Planned {
  return { goal, attack: { goal, epsilon: size / 255, ...more }, limit }
}

async function measureAttack(of: { name: string; figures: Figures; init: EvaluateInit; planned: Planned }) {
  const { name, figures, init, planned } = of
  const { goal, attack, limit } = planned
  const epsilon = `${Math.round(255 * attack.epsilon)}/255`
  if (figures.attacks.some(done => done.goal === goal && done.epsilon === epsilon)) return
  const all = [...init.queries.names.keys()]
  const images = limit === undefined ? undefined : shuffled(seededRandom('queries'), all).slice(0, limit)
  const result = await evaluate({ ...init, attack, images: images && Int32Array.from(images) })
  const { adversarialMap, adversarialLow, adversarialHigh, targetedMap, attack: made } = result
  figures.attacks.push({
    goal,
    epsilon,
    steps: made?.steps,
    restarts: made?.restarts,
    bits: BITS,
    queries: made?.queries,
    clean100: round(result.map['100']),
    map100: round(adversarialMap?.['100'] ?? Number.NaN),
    low: round(adversarialLow ?? Number.NaN),
    high: round(adversarialHigh ?? Number.NaN),
    targetedMap100: targetedMap && round(targetedMap['100'])
  })
  await addNotes(shippedModels(), name, { figures })
  console.log(name, JSON.stringify(figures.attacks.at(-1)))
}

function partFigures({ queries, map, low, high }: Evaluation) {
  return { queries, map100: round(map['100']), low: round(low), high: round(high) }
}

function rounded(map: AtCutoffs): AtCutoffs {
  return Object.fromEntries(Object.entries(map).map(([k, value]) => [k, round(value)]))
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
