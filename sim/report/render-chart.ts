import type { TopLevelSpec } from 'vega-lite'
import { loadVega } from './load-vega.ts'
import { light } from './palette.ts'

const TEXT = { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' }

/** The look of every chart: one sans-serif, a light grid, the palette of the reports. */
const CONFIG = Object.freeze({
  font: 'system-ui, sans-serif',
  background: light('card'),
  axis: {
    ...TEXT,
    gridColor: light('line'),
    domainColor: light('soft'),
    tickColor: light('soft'),
    labelColor: light('soft'),
    titleColor: light('soft')
  },
  legend: { ...TEXT, labelColor: light('ink'), symbolSize: 90, symbolStrokeWidth: 2 },
  title: {
    color: light('ink'),
    subtitleColor: light('soft'),
    subtitleFontSize: 12,
    subtitlePadding: 6,
    anchor: 'start' as const,
    fontSize: 14,
    offset: 8
  },
  view: { stroke: 'transparent' }
})

/** A vega-lite chart as SVG text. The same spec gives the same bytes. @throws NetError `FILE_UNREADABLE` without vega */
export async function renderChart(spec: object): Promise<string> {
  const { parse, resetSVGDefIds, View, compile } = await loadVega()
  const full = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', config: CONFIG, ...spec }
  resetSVGDefIds() // ids count up over a process otherwise
  const view = new View(parse(compile(full as TopLevelSpec).spec), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
