import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import { NetError } from '../../base/errors.ts'
import { type Evaluation, evaluate, evaluateHeld, type QueryAttack } from '../../models/evaluate/evaluate.ts'
import type { NamedEvaluation } from '../../models/reports/named-evaluation.ts'
import { writeReport } from '../../models/reports/write-report.ts'
import { createReport } from '../console/report.ts'
import { collectNumbers, pixelShare } from '../training/training-options.ts'
import {
  ATTACK_GOALS,
  attackNameOf,
  type ModelFlags,
  reportOn,
  withEvaluation,
  withEvaluationOptions
} from '../training/with-evaluation.ts'

interface Flags extends ModelFlags {
  readonly bits: readonly number[]
  readonly allBits?: boolean
  readonly attack?: QueryAttack['goal']
  readonly epsilon: number
  readonly held?: boolean
}

/** `sfmedir evaluate`: how well a model's codes find images of the same class, also under attack. */
export function register(program: Command): void {
  withEvaluationOptions(program.command('evaluate'))
    .description('measure retrieval: mAP of query images against database images')
    .option('--bits <n>', 'code length; again for more', collectNumbers(8, 256), [])
    .option('--all-bits', 'every code length of the model')
    .addOption(new Option('--attack <goal>', 'attack the queries').choices(ATTACK_GOALS))
    .option('--epsilon <x>', 'largest change of a pixel', pixelShare, 8 / 255)
    .option('--held', 'rank each query among the other queries too (DB-held)')
    .option('--report <dir>', 'write report.md, report.json and curves here')
    .action((flags: Flags) => run(flags))
}

async function run(flags: Flags): Promise<void> {
  const report = createReport({ json: flags.json === true })
  if (flags.allBits !== true && flags.bits.length === 0) {
    throw new NetError('CONFIG_INVALID', 'give --bits, or --all-bits')
  }
  const lengths = flags.allBits === true ? 'all' : flags.bits
  await withEvaluation({ ...flags, lengths }, report, async open => {
    const { attack: goal, attackMethod: method, epsilon, steps, restarts } = flags
    const { model, init, through } = open
    const attack = goal === undefined ? undefined : { goal, method, epsilon, steps, restarts, through }
    const { head, paper } = reportOn(flags, open, 'Model')
    const done: NamedEvaluation[] = []
    for (const bits of open.lengths) {
      report.progress(`${bits} bits`)
      const evaluation = await evaluate({ ...init, bits, attack })
      const heldMap = flags.held === true ? (await evaluateHeld({ ...init, bits })).map : undefined
      const attackName = goal && attackNameOf(goal, flags)
      done.push({ name: basename(model.name, '.onnx'), evaluation, heldMap, attackName, paper: paper(bits) })
      const held = heldMap === undefined ? [] : [`mAP@100 among the queries themselves ${heldMap['100'].toFixed(4)}`]
      report.result({ ...evaluation, heldMap }, [...linesOf(evaluation), ...held])
    }
    if (flags.report !== undefined) await writeReport(flags.report, head, done)
  })
}

function linesOf({
  map,
  low,
  high,
  foundNormalisedMap,
  queries,
  database,
  bits,
  chance,
  ...rest
}: Evaluation): string[] {
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
  for (const { source, label, queries: count, map100, adversarialMap100 } of rest.bySource ?? []) {
    const attacked = adversarialMap100 === undefined ? '' : `, attacked ${adversarialMap100.toFixed(4)}`
    const name = label === undefined ? source : `  ${rest.classes[label]}`
    lines.push(`${name}: ${count} queries, mAP@100 ${map100.toFixed(4)}${attacked}`)
  }
  return lines
}
