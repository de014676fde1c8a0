import { basename, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { NetError } from '../../base/errors.ts'
import { ATTACK_METHODS, type AttackMethod } from '../../models/attack/attack-job.ts'
import { COPY_RMS } from '../../models/data/copies.ts'
import type { EvaluateInit, QueryAttack } from '../../models/evaluate/evaluate.ts'
import { type FoundModel, findModel } from '../../models/weights/find-model.ts'
import { type PaperCells, paperCells } from '../../models/reports/paper-tables.ts'
import { openPool } from '../../models/workers/worker-pool.ts'
import { type EvaluationFlags, evaluationInput } from './evaluation-input.ts'
import type { Report } from '../console/report.ts'
import { withSplitOptions } from './choose-split.ts'
import { collect } from './training-options.ts'
import { wholeNumber } from '../console/whole-number.ts'

/** What an attack may be after: the choices of `--attack`. */
export const ATTACK_GOALS = Object.freeze(['targeted', 'untargeted', 'noise'] as const satisfies QueryAttack['goal'][])

/** The flags that `evaluate` and `attack` share. */
export interface ModelFlags extends EvaluationFlags {
  readonly model: string
  readonly attackMethod: AttackMethod
  readonly steps: number
  readonly restarts: number
  readonly through?: string
  readonly workers: number
  readonly report?: string
  readonly json?: boolean
}

/** A model with its images, ready to be measured. */
export interface OpenEvaluation {
  readonly model: FoundModel
  /** All that an evaluation takes but its code length and attack. */
  readonly init: Omit<EvaluateInit, 'bits'>
  /** The code lengths that were asked for. */
  readonly lengths: readonly number[]
  /** The net that attacks go through, when the flags name another one. */
  readonly through: QueryAttack['through']
}

/** The options that `evaluate` and `attack` share. */
export function withEvaluationOptions(command: Command): Command {
  return withSplitOptions(command)
    .requiredOption('--model <model>', 'FILE.onnx, or a name in the manifest', notEmpty)
    .option('--data <dir>', 'short for --queries DIR/test --database DIR/train; again for joint sets', collect, [])
    .option('--queries <dir>', 'query images, one folder a class')
    .option('--database <dir>', 'database images, one folder a class')
    .option('--steps <n>', 'steps of the attack', wholeNumber(1, 1000), 100)
    .addOption(
      new Option(
        '--attack-method <name>',
        'pgd (SAAT); apgd: on the margin, towards each class, with adaptive steps; square: no gradient'
      )
        .choices(ATTACK_METHODS)
        .default('pgd')
    )
    .option('--restarts <n>', 'random starts of the attack', wholeNumber(1, 20), 1)
    .option('--through <model>', 'transfer: make the attack against this model instead')
    .option('--limit <n>', 'take this many queries, drawn by a fixed seed', wholeNumber(1, 1_000_000))
    .option('--without-near-duplicates', 'leave out queries in a near-duplicate cluster with a database image')
    .option('--without-copies', `leave out queries that differ from a database image by less than ${COPY_RMS}/255 RMS`)
    .option('--workers <n>', 'threads', wholeNumber(1, 64), 1)
    .option('--cache <dir>', 'folder for decoded views', '.cache')
    .option('--json', 'one JSON object on stdout')
}

/**
 * Open the models and images that the flags name, do `work` with them, and close them again.
 * @throws NetError `CODE_LENGTH_MISMATCH` when the model does not give that length; as `evaluationInput`
 */
export async function withEvaluation(
  flags: ModelFlags & { readonly lengths: readonly number[] | 'all' },
  report: Report,
  work: (open: OpenEvaluation) => Promise<void>
): Promise<void> {
  const model = await findModel(flags.model)
  const lengths = flags.lengths === 'all' ? model.net.codeBits : flags.lengths
  if (!lengths.every(bits => model.net.codeBits.includes(bits))) {
    throw new NetError('CODE_LENGTH_MISMATCH', `the model gives codes of ${model.net.codeBits.join(', ')} bits`)
  }
  const input = await evaluationInput(flags, model, report)
  const other = flags.through === undefined ? undefined : await findModel(flags.through)
  const pool = openPool(model.net, flags.workers)
  const through = other && { pool: openPool(other.net, flags.workers), weights: other.weights }
  try {
    await work({ model, init: { ...input, pool, weights: model.weights }, lengths, through })
  } finally {
    await pool.close()
    await through?.pool.close()
  }
}

/** What a report says above its figures, and the paper's cells for this model on this data. */
export function reportOn(flags: ModelFlags, { model, init }: OpenEvaluation, what: string) {
  const { data, queries, database, split, splitSeed, withoutNearDuplicates, withoutCopies, limit } = flags
  const sets = data.map(dir => basename(resolve(dir)))
  const from = sets.length > 0 ? sets.join(', ') : `queries ${queries}, database ${database}`
  const parts =
    split === 'clusters' ? `near-duplicate clusters, seed ${splitSeed}` : (split ?? 'the folders train and test')
  const about = [
    `Data: ${from}; split: ${parts}. Database: ${init.database.names.length} images, digest ${init.database.digest.slice(0, 16)}.`,
    ...(withoutNearDuplicates === true ? ['Queries with a near duplicate in the database are left out.'] : []),
    ...(withoutCopies === true
      ? [`Queries that differ from a database image by less than ${COPY_RMS}/255 RMS are left out.`]
      : []),
    ...(limit === undefined ? [] : [`At most ${limit} queries, drawn by a fixed seed.`])
  ]
  return {
    head: { title: `${what} ${basename(model.name, '.onnx')}`, about },
    paper: (bits: number): PaperCells | undefined =>
      sets.length === 1 ? paperCells(sets[0], { robust: model.robust, bits }) : undefined
  }
}

/** What reports call an attack: its goal, and what is out of the ordinary. */
export function attackNameOf(goal: QueryAttack['goal'], { attackMethod, through }: ModelFlags): string {
  const isPlain = attackMethod === 'pgd' || goal === 'noise'
  const more = [...(isPlain ? [] : [attackMethod]), ...(through === undefined ? [] : ['transfer'])]
  return [goal, ...more].join(', ')
}

function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('a model is wanted.')
  return text
}
