import { parse, resetSVGDefIds, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** The look of every chart: one sans-serif, light grid, colours that colour-blind readers tell apart. */
const CONFIG = Object.freeze({
  font: 'system-ui, sans-serif',
  background: 'white',
  axis: {
    gridColor: '#e8ecf1',
    domainColor: '#8a94a3',
    tickColor: '#8a94a3',
    labelColor: '#3b4452',
    titleColor: '#1d2430'
  },
  legend: { labelColor: '#3b4452', titleColor: '#1d2430' },
  title: { color: '#1d2430', anchor: 'start' as const, fontSize: 15, offset: 12 },
  range: { category: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] },
  view: { stroke: 'transparent' }
})

/** A vega-lite chart as SVG text. The same spec gives the same bytes. */
export async function renderChart(spec: object): Promise<string> {
  const full = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', config: CONFIG, ...spec }
  resetSVGDefIds() // ids count up over a process otherwise
  const view = new View(parse(compile(full as TopLevelSpec).spec), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
