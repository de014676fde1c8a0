import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NetError } from '../base/errors.ts'
import { drawCurves } from './draw-curves.ts'
import type { Evaluation } from './evaluate.ts'
import type { AtCutoffs } from './measure-retrieval.ts'

/** One evaluation under the name it has in the report. */
export interface NamedEvaluation {
  readonly name: string
  readonly evaluation: Evaluation
  /** The paper's best cell for the same figure, where it has one. */
  readonly paper?: number
}

/**
 * Write `report.md`, `report.json`, `precision-recall.svg` and `precision-at-k.svg` (like the paper's Figs 10 to 12) into
 * `dir`. @throws NetError `FILE_UNWRITABLE`
 */
export async function writeReport(dir: string, title: string, evaluations: readonly NamedEvaluation[]): Promise<void> {
  const files = {
    'report.md': markdown(title, evaluations),
    'report.json': `${JSON.stringify({ title, evaluations }, null, 2)}\n`,
    'precision-recall.svg': drawCurves({
      title: `${title}: precision and recall`,
      x: 'recall',
      y: 'precision',
      lines: evaluations.map(({ name, evaluation }) => ({
        name,
        points: evaluation.precisionRecall.map((y, at) => ({ x: at / 10, y }))
      }))
    }),
    'precision-at-k.svg': drawCurves({
      title: `${title}: precision among the first k`,
      x: 'k',
      y: 'precision',
      lines: evaluations.map(({ name, evaluation }) => ({
        name,
        points: Object.entries(evaluation.precision).flatMap(([k, y]) => (k === 'all' ? [] : [{ x: Number(k), y }]))
      }))
    })
  }
  try {
    await mkdir(dir, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  } catch (cause) {
    throw new NetError('FILE_UNWRITABLE', 'the report cannot be written', { cause })
  }
}

function markdown(title: string, evaluations: readonly NamedEvaluation[]): string {
  const rows = evaluations.flatMap(({ name, evaluation, paper }) => {
    const { bits, queries, database, chance, map, low, high, foundNormalisedMap, attack } = evaluation
    const about = [name, bits, queries, database]
    const clean = [
      ...about,
      'none',
      ...cells(map),
      interval(low, high),
      round(foundNormalisedMap['100']),
      round(chance)
    ]
    const lines = [clean]
    if (attack !== undefined && evaluation.adversarialMap !== undefined) {
      const what = `${attack.goal} ${Math.round(attack.epsilon * 255)}/255, ${attack.steps} steps`
      const range = interval(evaluation.adversarialLow ?? 0, evaluation.adversarialHigh ?? 0)
      lines.push([...about, what, ...cells(evaluation.adversarialMap), range, '', round(chance)])
      if (evaluation.targetedMap !== undefined) {
        lines.push([...about, `${what}: t-mAP`, ...cells(evaluation.targetedMap), '', '', ''])
      }
    }
    return lines.map((line, at) => [...line, at === 0 && paper !== undefined ? round(paper) : ''])
  })
  const head = ['model', 'bits', 'queries', 'database', 'attack', 'mAP@100', '@200', '@500', '@1000', 'all']
  const titles = [...head, '95 %', 'found-normalised @100', 'chance', 'paper']
  const table = [titles, titles.map(() => '---'), ...rows].map(cell => `| ${cell.join(' | ')} |`)
  return [
    `# ${title}`,
    '',
    'Tie-aware mAP, divisor min(R, k); intervals by bootstrap over queries.',
    '',
    ...table,
    ''
  ].join('\n')
}

function cells(map: AtCutoffs): string[] {
  return ['100', '200', '500', '1000', 'all'].map(k => round(map[k]))
}

function interval(low: number, high: number): string {
  return `${round(low)} to ${round(high)}`
}

function round(value: number): string {
  return value.toFixed(3)
}
