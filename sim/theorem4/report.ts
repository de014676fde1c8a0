import { count, probability } from '../report/format-number.ts'
import { commandLine } from '../report/command-line.ts'
import { type Page, renderPage, type Section, type Table } from '../report/page.ts'
import { csvOf, RESULT_FORMAT, type ResultHead } from '../report/result-files.ts'
import { type OtherCell, pValue, type Theorem4Cell } from './cells.ts'
import { renderOverview, renderPanels, THEOREM4_LEGEND } from './charts.ts'
import { THEOREM4_DEFAULTS, type Theorem4Config } from './config.ts'
import { deviationOf } from './deviation.ts'
import type { Theorem4Result } from './run.ts'

/** The fields of the configuration that the verb has options for. */
const OPTIONS = [
  'engine',
  'pairs',
  'p',
  'trials',
  'models',
  'masterP',
  'masters',
  'slaves',
  'sites',
  'images',
  'crypto',
  'processes',
  'stores',
  'latencyMs',
  'seed'
] as const

/** Every file of a Theorem 4 run, by name. The same result gives the same bytes. */
export async function theorem4Files(
  config: Theorem4Config,
  result: Theorem4Result,
  version: string
): Promise<Record<string, string>> {
  const head: ResultHead = { format: RESULT_FORMAT, kind: 'theorem4', version, seed: config.seed, config }
  const { cells, others } = result
  const charts = await renderPanels(cells)
  return {
    'result.json': `${JSON.stringify({ ...head, ...result }, undefined, 2)}\n`,
    'cells.csv': csvOf([...cells]),
    ...(others.length > 0 ? { 'others.csv': csvOf([...others]) } : {}),
    ...(cells.length > 0 ? { 'theorem4.svg': await renderOverview(cells) } : {}),
    'report.html': renderPage(page({ config, result, charts, version }))
  }
}

/** The cells as text for a terminal. */
export function theorem4Text(result: Theorem4Result): string {
  const { cells, others, apart, verdict } = result
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
    headline(result)
  ].join('\n')
}

interface Made {
  readonly config: Theorem4Config
  readonly result: Theorem4Result
  readonly charts: readonly string[]
  readonly version: string
}

function page({ config, result, charts, version }: Made): Page {
  const { cells, others, verdict } = result
  const trials = [...cells, ...others].reduce((sum, cell) => sum + cell.trials, 0)
  const { engine } = config
  return {
    title: 'SFMedIR, Theorem 4: how often an image cannot be read',
    headline: headline(result),
    figures: [
      ['chi-square p of the exact binomial', pValue(verdict.exact)],
      ['chi-square p of the formula as printed', pValue(verdict.printed)],
      ['95 % intervals that hold the exact value', `${verdict.covered} of ${verdict.cells}`],
      [engine === 'counting' ? 'trials' : 'reads', count(trials)]
    ],
    sections: sections(config, result, charts),
    command: commandLine('theorem4', { config, defaults: THEOREM4_DEFAULTS[engine], options: OPTIONS }),
    made: [
      ['version', version],
      ['seed', String(config.seed)],
      ['engine', engine],
      ...(engine === 'counting' ? [] : ([['crypto', config.crypto]] as const))
    ]
  }
}

function headline({ cells, verdict, complete }: Theorem4Result): string {
  const says =
    cells.length > 0
      ? verdict.says
      : 'No cell of slaves that fail alone and alike was measured: neither formula is judged.'
  return complete ? says : `Interrupted, with the cells that were done: ${says}`
}

const ENGINES: Readonly<Record<Theorem4Config['engine'], (config: Theorem4Config) => string>> = {
  counting: () => 'Coins only: which holders are alive is drawn and counted; no peer takes part.',
  virtual: ({ masters, slaves }) =>
    `Every trial is a read by the real Owner, Master, Slave and User code on a virtual network of ${masters} masters and ${slaves} slaves.`,
  real: ({ masters, slaves, processes }) =>
    `Every trial is a read over real libp2p connections (TCP, noise, yamux) between ${masters} masters and ${slaves} slaves, ${processes === 'own' ? 'each slave a process of its own, frozen to fail' : 'all in one process'}.`
}

function sections(config: Theorem4Config, result: Theorem4Result, charts: readonly string[]): Section[] {
  const { cells, others, apart } = result
  const { mastersDown, remainderLost } = apart
  const twin =
    config.engine !== 'counting' && config.crypto === 'twin'
      ? ' The shadow scheme is a cheap twin behind the same contract.'
      : ''
  const measured: Section[] = [
    {
      title: 'Measured against both formulas',
      text: [
        `${ENGINES[config.engine](config)}${twin}`,
        'Below each plot: the distance of the points from the exact binomial in standard deviations, 19 of 20 within the band if it holds. Cells that expect fewer than five failures (or successes) have none.'
      ],
      legend: THEOREM4_LEGEND,
      charts
    },
    { title: 'Every cell', table: cellTable(cells) }
  ]
  const unlike: Section = {
    title: 'When slaves do not fail alone and alike',
    text: [
      'Slaves that fail unequally, by site, or exactly so many at once are not what Theorem 4 counts: its binomial stands beside the exact value of each model.'
    ],
    table: otherTable(others)
  }
  const masters =
    mastersDown.trials === 0
      ? 'An image is also lost to its reader when no master answers; masters take no part here.'
      : `An image is also lost to its reader when no master answers: ${count(mastersDown.failures)} of ${count(mastersDown.trials)} trials, expected ${probability(mastersDown.expected)}. These are not among the failures above.`
  const forgets: Section = {
    title: 'What the theorem forgets',
    text: [
      masters,
      `The paper never says where the remainder Rd lies. Kept at one place that fails with p, it would add (1 - P) p. Here it is coded into the shadows themselves: ${remainderLost} images were lost by it.`
    ]
  }
  return [...(cells.length > 0 ? measured : []), ...(others.length > 0 ? [unlike] : []), forgets]
}

function cellTable(cells: readonly Theorem4Cell[]): Table {
  return {
    columns: [...COUNTED, 'exact', 'exact is', 'off, σ', 'as printed'],
    rows: cells.map(cell => [
      ...counted(cell),
      probability(cell.exact),
      cell.low <= cell.exact && cell.exact <= cell.high ? 'inside' : 'outside',
      signed(deviationOf(cell)),
      probability(cell.printed)
    ])
  }
}

function otherTable(cells: readonly OtherCell[]): Table {
  return {
    columns: ['model', ...COUNTED, 'exact', 'off, σ', 'binomial'],
    rows: cells.map(cell => [
      cell.model,
      ...counted(cell),
      probability(cell.exact),
      signed(deviationOf(cell)),
      probability(cell.binomial)
    ])
  }
}

const COUNTED = ['(r, s)', 'p', 'trials', 'failures', 'measured', '95 % from', 'to']

function counted({ r, s, p, trials, failures, low, high }: Theorem4Cell): (string | number)[] {
  return [
    `(${r}, ${s})`,
    p,
    count(trials),
    count(failures),
    probability(failures / trials),
    probability(low),
    probability(high)
  ]
}

function signed(deviation: number | undefined): string {
  if (deviation === undefined) return ''
  return deviation.toFixed(2).replace('-', '−')
}
