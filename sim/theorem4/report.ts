import { failureProbability } from '../../node/failure-probability.ts'
import { count, probability } from '../report/format-number.ts'
import { type Page, renderPage, type Section } from '../report/page.ts'
import { renderChart } from '../report/render-chart.ts'
import { csvOf, RESULT_FORMAT, type ResultHead } from '../report/result-files.ts'
import { printedFailureProbability } from '../statistics/printed-formula.ts'
import type { OtherCell, Theorem4Cell } from './cells.ts'
import type { Theorem4Config } from './config.ts'
import type { Theorem4Result } from './run.ts'

/** Every file of a Theorem 4 run, by name. The same result gives the same bytes. */
export async function theorem4Files(
  config: Theorem4Config,
  result: Theorem4Result,
  version: string
): Promise<Record<string, string>> {
  const head: ResultHead = { format: RESULT_FORMAT, kind: 'theorem4', version, seed: config.seed, config }
  const log = await renderChart(chart(config, result.cells, 'log'))
  const linear = await renderChart(chart(config, result.cells, 'linear'))
  return {
    'result.json': `${JSON.stringify({ ...head, ...result }, undefined, 2)}\n`,
    'cells.csv': csvOf([...result.cells]),
    ...(result.others.length > 0 ? { 'others.csv': csvOf([...result.others]) } : {}),
    'theorem4.svg': log,
    'theorem4-linear.svg': linear,
    'report.html': renderPage(page({ config, result, charts: [log, linear], version }))
  }
}

/** The cells as text for a terminal. */
export function theorem4Text({ cells, others, apart, verdict }: Theorem4Result): string {
  const lines = [...cells, ...others].map(cell => {
    const model = 'model' in cell ? ` ${cell.model}` : ''
    const columns = [
      `(${cell.r},${cell.s})`.padEnd(8),
      `p=${cell.p}`.padEnd(8),
      probability(cell.failures / cell.trials).padStart(10),
      `[${probability(cell.low)}, ${probability(cell.high)}]`.padEnd(24),
      probability(cell.exact).padStart(10),
      probability(cell.printed).padStart(10)
    ]
    return `${columns.join('  ')}${model}`
  })
  const head = `${'(r,s)'.padEnd(8)}  ${'p'.padEnd(8)}  ${'measured'.padStart(10)}  ${'95 % interval'.padEnd(24)}  ${'exact'.padStart(10)}  ${'printed'.padStart(10)}`
  const masters = apart.mastersDown
  const down =
    masters.trials > 0
      ? [
          `no master answered in ${masters.failures} of ${count(masters.trials)} trials (expected ${probability(masters.expected)}); counted apart`
        ]
      : []
  return [
    head,
    ...lines,
    ...down,
    `${verdict.covered} of ${verdict.cells} intervals hold the exact value.`,
    verdict.says
  ].join('\n')
}

function chart({ pairs }: Theorem4Config, cells: readonly Theorem4Cell[], scale: 'log' | 'linear'): object {
  const steps = Array.from({ length: 119 }, (_, k) => 0.01 + k * 0.005)
  const curves = pairs.flatMap(([r, s]) =>
    steps.flatMap(p => [
      { pair: `(${r}, ${s})`, p, value: failureProbability(r, s, p), formula: 'exact binomial' },
      { pair: `(${r}, ${s})`, p, value: printedFailureProbability(r, s, p), formula: 'as printed' }
    ])
  )
  const seen = cells.filter(cell => scale === 'linear' || cell.failures > 0)
  const points = seen.map(cell => ({ ...cell, pair: `(${cell.r}, ${cell.s})`, measured: cell.failures / cell.trials }))
  const floor = Math.min(1e-3, ...seen.filter(cell => cell.low > 0).map(cell => cell.low)) / 2
  const y = {
    type: 'quantitative',
    title: 'probability that an image cannot be read',
    scale: scale === 'log' ? { type: 'log', domain: [floor, 1], clamp: true } : { domain: [0, 1] },
    axis: { format: scale === 'log' ? '.0e' : '.1f' }
  }
  const x = {
    field: 'p',
    type: 'quantitative',
    title: 'p: probability that a slave is down',
    scale: { domain: [0, 0.62] }
  }
  const color = { field: 'pair', type: 'nominal', title: '(r, s)', sort: pairs.map(([r, s]) => `(${r}, ${s})`) }
  const dash = {
    field: 'formula',
    type: 'nominal',
    title: 'formula',
    scale: {
      range: [
        [1, 0],
        [5, 4]
      ]
    },
    sort: null
  }
  return {
    title: 'Theorem 4: measured points, the exact curve, and the formula as the paper prints it',
    width: 640,
    height: 380,
    layer: [
      {
        data: { values: curves.filter(({ value }) => scale === 'linear' || value >= floor) },
        mark: { type: 'line', strokeWidth: 1.8, clip: true },
        encoding: {
          x,
          y: { ...y, field: 'value' },
          color,
          strokeDash: dash,
          opacity: { condition: { test: "datum.formula === 'exact binomial'", value: 1 }, value: 0.5 }
        }
      },
      {
        data: { values: points },
        mark: { type: 'rule', strokeWidth: 2, clip: true },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color }
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 62, opacity: 1, clip: true },
        encoding: { x, y: { ...y, field: 'measured' }, color }
      }
    ]
  }
}

interface Made {
  readonly config: Theorem4Config
  readonly result: Theorem4Result
  readonly charts: readonly string[]
  readonly version: string
}

function page({ config, result, charts, version }: Made): Page {
  const { cells, others, verdict, apart } = result
  const trials = cells.reduce((sum, cell) => sum + cell.trials, 0)
  const made: Record<Theorem4Config['engine'], string> = {
    counting: 'Coins only: which holders are alive is drawn and counted; no peer takes part.',
    virtual: `Every trial is a read by the real Owner, Master, Slave and User code on a virtual network of ${config.masters} masters and ${config.slaves} slaves.`,
    real: `Every trial is a read over real libp2p connections (TCP, noise, yamux) between ${config.masters} masters and ${config.slaves} slaves in one process.`
  }
  const crypto = config.crypto === 'twin' ? ' The shadow scheme is a cheap twin behind the same contract.' : ''
  const sections: Section[] = [
    {
      title: 'Measured against both formulas',
      text: [made[config.engine] + (config.engine === 'counting' ? '' : crypto)],
      charts
    },
    { title: 'Every cell', table: table(cells) }
  ]
  if (others.length > 0) {
    const text =
      'Slaves that fail unequally, by site, or exactly so many at once are not what Theorem 4 counts: its binomial stands beside the exact value of each model.'
    sections.push({ title: 'When slaves do not fail alone and alike', text: [text], table: table(others) })
  }
  const { mastersDown, remainderLost } = apart
  sections.push({
    title: 'What the theorem forgets',
    text: [
      `An image is also lost to its reader when no master answers: ${mastersDown.failures} of ${count(mastersDown.trials)} trials, expected ${probability(mastersDown.expected)}. These are not among the failures above.`,
      `The paper never says where the remainder Rd lies. Kept at one place that fails with p, it would add (1 - P) p. Here it is coded into the shadows themselves: ${remainderLost} images were lost by it.`
    ]
  })
  return {
    title: 'SFMedIR, Theorem 4',
    headline: verdict.says,
    figures: [
      ['trials', count(trials)],
      ['cells', String(cells.length)],
      ['95 % intervals that hold the exact value', `${verdict.covered} of ${verdict.cells}`],
      ['chi-square p, exact', probability(verdict.exact.p)]
    ],
    sections,
    footer: `sfmedir ${version} sim theorem4 --engine ${config.engine} --trials ${config.trials} --seed ${config.seed}`
  }
}

function table(cells: readonly (Theorem4Cell | OtherCell)[]) {
  const columns = ['(r, s)', 'p', 'trials', 'failures', 'measured', '95 % interval', 'exact', 'as printed']
  const isOther = (cell: Theorem4Cell | OtherCell): cell is OtherCell => 'model' in cell
  const rows = cells.map(cell => [
    `(${cell.r}, ${cell.s})${isOther(cell) ? ` ${cell.model}` : ''}`,
    cell.p,
    count(cell.trials),
    count(cell.failures),
    probability(cell.failures / cell.trials),
    `${probability(cell.low)} – ${probability(cell.high)}`,
    probability(cell.exact),
    isOther(cell) ? `${probability(cell.binomial)} (binomial)` : probability(cell.printed)
  ])
  return { columns, rows }
}
