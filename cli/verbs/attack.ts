import { basename } from 'node:path'
import type { Command } from 'commander'
import { type Evaluation, evaluate, type QueryAttack } from '../../models/evaluate/evaluate.ts'
import type { NamedEvaluation } from '../../models/reports/named-evaluation.ts'
import { writeReport } from '../../models/reports/write-report.ts'
import { createReport } from '../console/report.ts'
import { pixelShare } from '../training/training-options.ts'
import { wholeNumber } from '../console/whole-number.ts'
import {
  ATTACK_GOALS,
  attackNameOf,
  type ModelFlags,
  reportOn,
  withEvaluation,
  withEvaluationOptions
} from '../training/with-evaluation.ts'

interface Flags extends ModelFlags {
  readonly bits: number
  readonly epsilon: readonly number[]
}

const EPSILONS = [2 / 255, 4 / 255, 8 / 255]

/** `sfmedir attack`: every attack of the protocol on a model, at each epsilon: one line each. */
export function register(program: Command): void {
  withEvaluationOptions(program.command('attack'))
    .description('attack the queries: PGD targeted and untargeted, random signs, and by transfer with --through')
    .option('--bits <n>', 'code length', wholeNumber(8, 256), 16)
    .option('--epsilon <x>', 'largest change of a pixel; again for more (default: 2, 4 and 8 of 255)', collectShares)
    .option('--report <dir>', 'write report.md, report.json and curves here')
    .action((flags: Flags) => run(flags))
}

async function run(flags: Flags): Promise<void> {
  const report = createReport({ json: flags.json === true })
  await withEvaluation({ ...flags, lengths: [flags.bits] }, report, async open => {
    const { model, init, through } = open
    const { head, paper } = reportOn(flags, open, 'Attacks on')
    const done: NamedEvaluation[] = []
    for (const { name, attack } of attacksOf(flags, through)) {
      const line = `${name} ${Math.round(attack.epsilon * 255)}/255`
      report.progress(line)
      const evaluation = await evaluate({ ...init, bits: flags.bits, attack })
      done.push({ name: basename(model.name, '.onnx'), evaluation, attackName: name, paper: paper(flags.bits) })
      report.result({ name: line, ...evaluation }, lineOf(line, evaluation))
    }
    if (flags.report !== undefined) await writeReport(flags.report, head, done)
  })
}

function attacksOf(flags: Flags, through: QueryAttack['through']): { name: string; attack: QueryAttack }[] {
  const { attackMethod: method, steps, restarts } = flags
  return (flags.epsilon ?? EPSILONS).flatMap(epsilon => {
    const direct = ATTACK_GOALS.map(goal => ({
      name: attackNameOf(goal, { ...flags, through: undefined }),
      attack: { goal, method, epsilon, steps, restarts }
    }))
    if (through === undefined) return direct
    return [
      ...direct,
      { name: 'transfer', attack: { goal: 'untargeted' as const, method, epsilon, steps, restarts, through } }
    ]
  })
}

function lineOf(
  name: string,
  { map, adversarialMap, adversarialLow, adversarialHigh, targetedMap }: Evaluation
): string {
  const range = `${adversarialLow?.toFixed(3)} to ${adversarialHigh?.toFixed(3)}`
  const success = targetedMap === undefined ? '' : `, t-mAP ${targetedMap['100'].toFixed(3)}`
  return `${name}: mAP@100 ${map['100'].toFixed(3)} clean, ${adversarialMap?.['100'].toFixed(3)} attacked (${range})${success}`
}

function collectShares(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, pixelShare(text)]
}
