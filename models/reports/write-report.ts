import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NetError } from '../../base/errors.ts'
import { type Curves, drawCurves } from './draw-curves.ts'
import type { Evaluation } from '../evaluate/evaluate.ts'
import type { NamedEvaluation, ReportHead } from './named-evaluation.ts'
import { attackLabel, cleanOnly, reportMarkdown } from './report-markdown.ts'

const DIGITS = 6 // of numbers in report.json

/**
 * Write `report.md`, `report.json`, `precision-recall.svg` and `precision-at-k.svg` (like the paper's Figs 10 to 12) into
 * `dir`: some 20 KB for a dozen evaluations. @throws NetError `FILE_UNWRITABLE`
 */
export async function writeReport(
  dir: string,
  head: ReportHead,
  evaluations: readonly NamedEvaluation[]
): Promise<void> {
  const files = {
    'report.md': reportMarkdown(head, evaluations),
    'report.json': `${JSON.stringify({ ...head, evaluations }, shortNumbers, 1)}\n`,
    'precision-recall.svg': drawCurves(recallCurves(head.title, evaluations)),
    'precision-at-k.svg': drawCurves(cutoffCurves(head.title, evaluations))
  }
  try {
    await mkdir(dir, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  } catch (cause) {
    throw new NetError('FILE_UNWRITABLE', 'the report cannot be written', { cause })
  }
}

function recallCurves(title: string, evaluations: readonly NamedEvaluation[]): Curves {
  const line = (name: string, values: readonly number[]) => ({
    name,
    points: values.map((y, at) => ({ x: at / 10, y }))
  })
  const clean = cleanOnly(evaluations).map(({ evaluation }) => line(lengthName(evaluation), evaluation.precisionRecall))
  const attacked = evaluations.flatMap(named => {
    const values = named.evaluation.adversarialPrecisionRecall
    return values === undefined ? [] : [line(attackedName(named), values)]
  })
  return { title: `${title}: precision and recall`, x: 'recall', y: 'precision', lines: [...clean, ...attacked] }
}

function cutoffCurves(title: string, evaluations: readonly NamedEvaluation[]): Curves {
  const lines = cleanOnly(evaluations).map(({ evaluation }) => ({
    name: lengthName(evaluation),
    points: Object.entries(evaluation.precision).flatMap(([k, y]) => (k === 'all' ? [] : [{ x: Number(k), y }]))
  }))
  return { title: `${title}: precision among the first k`, x: 'k', y: 'precision', lines }
}

function lengthName({ bits }: Evaluation): string {
  return `${bits} bits`
}

function attackedName(named: NamedEvaluation): string {
  return `${named.evaluation.bits} bits, ${attackLabel(named)}`
}

function shortNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value
}
