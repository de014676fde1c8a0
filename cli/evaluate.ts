import { InvalidArgumentError, Option, type Command } from 'commander'
import { NetError } from '../base/errors.ts'
import { type Evaluation, evaluate } from '../models/evaluate.ts'
import { findModel } from '../models/find-model.ts'
import { openPool } from '../models/worker-pool.ts'
import { writeReport } from '../models/write-report.ts'
import { type EvaluationFlags, evaluationInput } from './evaluation-input.ts'
import { createReport } from './report.ts'
import { collect, pixelShare } from './training-options.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags extends EvaluationFlags {
  readonly model: string
  readonly bits: number
  readonly attack?: 'targeted' | 'untargeted' | 'noise'
  readonly epsilon: number
  readonly steps: number
  readonly restarts: number
  readonly through?: string
  readonly workers: number
  readonly report?: string
  readonly json?: boolean
}

/** `sfmedir evaluate`: how well a model's codes find images of the same class, also under attack. */
export function register(program: Command): void {
  withEvaluationOptions(program.command('evaluate'))
    .description('measure retrieval: mAP of query images against database images')
    .requiredOption('--bits <n>', 'code length', wholeNumber(8, 256))
    .addOption(new Option('--attack <goal>', 'attack the queries').choices(['targeted', 'untargeted', 'noise']))
    .option('--epsilon <x>', 'largest change of a pixel', pixelShare, 8 / 255)
    .option('--report <dir>', 'write report.md, report.json and curves here')
    .action((flags: Flags) => run(flags))
}

/** The options that `evaluate` and `attack` share. */
export function withEvaluationOptions(command: Command): Command {
  return command
    .requiredOption('--model <model>', 'FILE.onnx, or a name in the manifest', notEmpty)
    .option('--data <dir>', 'short for --queries DIR/test --database DIR/train; again for joint sets', collect, [])
    .option('--queries <dir>', 'query images, one folder a class')
    .option('--database <dir>', 'database images, one folder a class')
    .option('--steps <n>', 'steps of the attack', wholeNumber(1, 1000), 100)
    .option('--restarts <n>', 'random starts of the attack', wholeNumber(1, 20), 1)
    .option('--through <model>', 'transfer: make the attack against this model instead')
    .option('--limit <n>', 'take this many queries, drawn by a fixed seed', wholeNumber(1, 1_000_000))
    .option('--without-near-duplicates', 'leave out queries in a near-duplicate cluster with a database image')
    .option('--workers <n>', 'threads', wholeNumber(1, 64), 1)
    .option('--cache <dir>', 'folder for decoded views', '.cache')
    .option('--json', 'one JSON object on stdout')
}

async function run(flags: Flags): Promise<void> {
  const report = createReport({ json: flags.json === true })
  const model = await findModel(flags.model)
  if (!model.net.codeBits.includes(flags.bits)) {
    throw new NetError('CODE_LENGTH_MISMATCH', `the model gives codes of ${model.net.codeBits.join(', ')} bits`)
  }
  const input = await evaluationInput(flags, model, report)
  const other = flags.through === undefined ? undefined : await findModel(flags.through)
  const pool = openPool(model.net, flags.workers)
  const otherPool = other === undefined ? undefined : openPool(other.net, flags.workers)
  try {
    const through =
      other === undefined || otherPool === undefined ? undefined : { pool: otherPool, weights: other.weights }
    const { attack: goal, epsilon, steps, restarts } = flags
    const attack = goal === undefined ? undefined : { goal, epsilon, steps, restarts, through }
    const evaluation = await evaluate({ ...input, pool, weights: model.weights, bits: flags.bits, attack })
    if (flags.report !== undefined) {
      await writeReport(flags.report, `Model ${model.name}`, [{ name: `${model.name} ${flags.bits}`, evaluation }])
    }
    report.result(evaluation, textOf(evaluation))
  } finally {
    await pool.close()
    await otherPool?.close()
  }
}

function textOf({ map, low, high, foundNormalisedMap, queries, database, bits, chance, ...rest }: Evaluation): string {
  const lines = [
    `${queries} queries, ${database} database images, ${bits} bits`,
    `mAP@100 ${map['100'].toFixed(4)} (95 % ${low.toFixed(4)} to ${high.toFixed(4)}), all ${map.all.toFixed(4)}, chance ${chance.toFixed(4)}`,
    `found-normalised mAP@100 ${foundNormalisedMap['100'].toFixed(4)}`
  ]
  if (rest.adversarialMap !== undefined) {
    const range = `95 % ${rest.adversarialLow?.toFixed(4)} to ${rest.adversarialHigh?.toFixed(4)}`
    lines.push(`attacked mAP@100 ${rest.adversarialMap['100'].toFixed(4)} (${range})`)
  }
  if (rest.targetedMap !== undefined)
    lines.push(`t-mAP@100 ${rest.targetedMap['100'].toFixed(4)} (the attack's success)`)
  return lines.join('\n')
}

function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('a model is wanted.')
  return text
}
