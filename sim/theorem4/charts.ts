import { failureProbability } from '../../node/placement/failure-probability.ts'
import { probability } from '../report/format-number.ts'
import type { LegendEntry } from '../report/page.ts'
import { light } from '../report/palette.ts'
import { renderChart } from '../report/render-chart.ts'
import { printedFailureProbability } from '../statistics/printed-formula.ts'
import { Z_95 } from '../statistics/wilson.ts'
import type { Theorem4Cell } from './cells.ts'
import { deviationOf } from './deviation.ts'

/** What the marks of the charts are. */
export const THEOREM4_LEGEND: readonly LegendEntry[] = Object.freeze([
  { sign: '●', colour: 'ink', text: 'measured, with its 95 % interval' },
  { sign: '▽', colour: 'ink', text: 'no failure seen: upper end of the interval' },
  { sign: '━', colour: 'blue', text: 'exact binomial' },
  { sign: '╍', colour: 'orange', text: 'formula as printed' }
])

/** One chart for each (r, s): the probability above, below it how far the points are from the exact curve. */
export async function renderPanels(cells: readonly Theorem4Cell[]): Promise<string[]> {
  const charts: string[] = []
  for (const panel of panelsOf(cells, null)) charts.push(await renderChart(panel))
  return charts
}

/** All of them as one picture with its legend. */
export function renderOverview(cells: readonly Theorem4Cell[]): Promise<string> {
  const title = {
    text: 'Theorem 4: measured points, the exact binomial, and the formula as the paper prints it',
    subtitle:
      'Bars: 95 % intervals. Hollow: no failure seen, upper end. Below: distance from the exact binomial, 95 % band.',
    fontSize: 15,
    offset: 16
  }
  const concat = panelsOf(cells, { orient: 'top', title: null, labelLimit: 0 })
  return renderChart({ title, columns: 2, spacing: 24, concat })
}

const FORMULAS = {
  names: ['exact binomial', 'formula as printed'],
  colours: [light('blue'), light('orange')],
  dashes: [
    [1, 0],
    [6, 4]
  ]
}
const SIZE = { width: 380, height: 230, deviation: 70 } // px
const FAR = 4 // standard deviations at which the lower plot ends
const POWER = "datum.value == 1 ? '1' : format(datum.value, '.0e')" // 1e-3, but 1 for 1e+0
const INK = light('ink')

/** What the panels have in common: the same axes make them comparable. */
interface Axes {
  readonly x: object
  readonly largestP: number
  readonly smallest: number
  readonly legend: object | null
}

function panelsOf(cells: readonly Theorem4Cell[], legend: object | null): object[] {
  const pairs = new Map(cells.map(({ r, s }) => [`(r, s) = (${r}, ${s})`, [r, s] as const]))
  const largestP = Math.min(1, Math.max(0, ...cells.map(({ p }) => p)) + 0.02)
  const seen = cells.map(({ low, high }) => (low > 0 ? low : high))
  const x = { field: 'p', type: 'quantitative', scale: { domain: [0, largestP], nice: false } }
  const axes = { x, largestP, smallest: Math.min(1e-3, ...seen) / 2, legend }
  return [...pairs].map(([title, [r, s]]) => {
    const points = cells.filter(cell => cell.r === r && cell.s === s)
    return {
      title,
      spacing: 14,
      bounds: 'flush',
      vconcat: [probabilityPlot([r, s], points, axes), deviationPlot(points, axes)]
    }
  })
}

/** 1, 0.1, ... down to a number; every second or third of very many. */
function decadesFrom(smallest: number): number[] {
  const decades = Math.floor(-Math.log10(smallest))
  const step = Math.ceil(decades / 8)
  return Array.from({ length: Math.floor(decades / step) + 1 }, (_, k) => Number(`1e-${k * step}`))
}

function probabilityPlot(pair: readonly [number, number], cells: readonly Theorem4Cell[], axes: Axes): object {
  const y = {
    field: 'value',
    type: 'quantitative',
    title: 'P(an image cannot be read)',
    scale: { type: 'log', domain: [axes.smallest, 1], nice: false },
    axis: { values: decadesFrom(axes.smallest), labelExpr: POWER, minExtent: 52 }
  }
  const x = { ...axes.x, axis: { labels: false, title: null, ticks: false } }
  const layer = [curves(pair, axes), ...marks(cells, axes)].map(({ encoding, ...rest }) => ({
    ...rest,
    encoding: { x, ...encoding, y: { ...y, ...encoding.y } }
  }))
  return { width: SIZE.width, height: SIZE.height, layer }
}

/** What is drawn in a plot; its axes are the plot's. */
interface Layer {
  readonly data: object
  readonly mark: object
  readonly encoding: Readonly<Record<string, object>>
}

/** Both formulas, each in its colour and dash. */
function curves([r, s]: readonly [number, number], { largestP, smallest, legend }: Axes): Layer {
  const steps = Array.from({ length: 161 }, (_, k) => (largestP * k) / 160)
  const curve = (formula: string, of: typeof failureProbability): object[] =>
    steps.map(p => ({ p, formula, value: of(r, s, p) })).filter(({ value }) => value >= smallest)
  const [exact, printed] = FORMULAS.names
  const told = (range: readonly unknown[]): object => ({
    field: 'formula',
    type: 'nominal',
    legend,
    scale: { domain: FORMULAS.names, range }
  })
  return {
    data: { values: [...curve(exact, failureProbability), ...curve(printed, printedFailureProbability)] },
    mark: { type: 'line', strokeWidth: 2 },
    encoding: { color: told(FORMULAS.colours), strokeDash: told(FORMULAS.dashes) }
  }
}

/** The measured points with their intervals. */
function marks(cells: readonly Theorem4Cell[], { smallest }: Axes): Layer[] {
  const points = cells.map(cell => ({
    ...cell,
    low: Math.max(cell.low, smallest),
    value: cell.failures > 0 ? cell.failures / cell.trials : cell.high,
    shape: cell.failures > 0 ? 'circle' : 'triangle-down',
    says: `(${cell.r}, ${cell.s}), p = ${cell.p}: ${probability(cell.failures / cell.trials)} measured`
  }))
  return [
    {
      data: { values: points.filter(({ failures }) => failures > 0) },
      mark: { type: 'errorbar', ticks: { color: INK, size: 7 }, rule: { color: INK, strokeWidth: 1.5 } },
      encoding: { y: { field: 'low' }, y2: { field: 'high' } }
    },
    {
      data: { values: points },
      mark: { type: 'point', size: 42, opacity: 1, stroke: INK, strokeWidth: 1.2 },
      encoding: {
        shape: { field: 'shape', type: 'nominal', scale: null },
        fill: { condition: { test: 'datum.failures > 0', value: INK }, value: light('card') },
        description: { field: 'says' }
      }
    }
  ]
}

function deviationPlot(cells: readonly Theorem4Cell[], { x }: Axes): object {
  const values = cells.flatMap(cell => {
    const deviation = deviationOf(cell)
    return deviation === undefined ? [] : [{ p: cell.p, deviation: Math.max(-FAR, Math.min(FAR, deviation)) }]
  })
  const y = {
    field: 'deviation',
    type: 'quantitative',
    title: 'off exact, σ',
    scale: { domain: [-FAR, FAR] },
    axis: { values: [-2, 0, 2], minExtent: 52 }
  }
  return {
    width: SIZE.width,
    height: SIZE.deviation,
    layer: [
      {
        data: { values: [{ from: -Z_95, to: Z_95 }] },
        mark: { type: 'rect', color: light('band'), opacity: 1 },
        encoding: { y: { ...y, field: 'from' }, y2: { field: 'to' } }
      },
      {
        data: { values: [{ deviation: 0 }] },
        mark: { type: 'rule', color: light('blue'), strokeWidth: 2 },
        encoding: { y }
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 36, opacity: 1, color: INK },
        encoding: {
          x: { ...x, axis: { title: 'p: probability that a slave is down', format: '.2~f', tickCount: 6 } },
          y
        }
      }
    ]
  }
}
