/** Lines to draw in one frame. */
export interface Curves {
  readonly title: string
  /** What the axes show. */
  readonly x: string
  readonly y: string
  readonly lines: readonly { readonly name: string; readonly points: readonly { x: number; y: number }[] }[]
}

const PLOT_RIGHT = 500
const HEIGHT = 360
const LEFT = 60
const LEGEND = 140 // at least; 7 for each letter of a longer name
const TOP = 36
const BOTTOM = 48
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf', '#8c564b', '#e377c2']
const TICKS = 5

/** The curves as an SVG picture with axes and a legend (the paper's Figs 10-12 are drawn this way). */
export function drawCurves({ title, x, y, lines }: Curves): string {
  const points = lines.flatMap(line => line.points)
  const [left, right] = rangeOf(points.map(point => point.x))
  const [low, high] = rangeOf([0, ...points.map(point => point.y)])
  const across = (value: number): number => LEFT + ((value - left) / (right - left)) * (PLOT_RIGHT - LEFT)
  const width = PLOT_RIGHT + Math.max(LEGEND, ...lines.map(({ name }) => 40 + 7 * name.length))
  const up = (value: number): number => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)
  const ticks = Array.from({ length: TICKS + 1 }, (_, at) => at / TICKS)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${HEIGHT}" fill="white"/>`,
    text({ x: LEFT, y: 20, of: title, size: 14 }),
    ...ticks.flatMap(part => {
      const at = { x: left + part * (right - left), y: low + part * (high - low) }
      return [
        `<path d="M${LEFT} ${round(up(at.y))}H${PLOT_RIGHT}" stroke="#ddd"/>`,
        text({ x: LEFT - 8, y: up(at.y) + 4, of: label(at.y), anchor: 'end' }),
        text({ x: across(at.x), y: HEIGHT - BOTTOM + 18, of: label(at.x), anchor: 'middle' })
      ]
    }),
    text({ x: (LEFT + PLOT_RIGHT) / 2, y: HEIGHT - 10, of: x, anchor: 'middle' }),
    text({ x: LEFT, y: TOP - 4, of: y }),
    ...lines.flatMap(({ name, points: line }, at) => {
      const colour = COLOURS[at % COLOURS.length]
      const path = line.map((point, i) => `${i === 0 ? 'M' : 'L'}${round(across(point.x))} ${round(up(point.y))}`)
      const stroke = `stroke="${colour}"${at < COLOURS.length ? '' : ' stroke-dasharray="6 3"'} stroke-width="1.8"/>`
      const row = TOP + 12 + 18 * at
      return [
        `<path d="${path.join('')}" fill="none" ${stroke}`,
        `<path d="M${PLOT_RIGHT + 10} ${row}h18" ${stroke}`,
        text({ x: PLOT_RIGHT + 34, y: row + 4, of: name })
      ]
    }),
    '</svg>',
    ''
  ].join('\n')
}

function rangeOf(values: readonly number[]): [number, number] {
  const low = Math.min(...values)
  const high = Math.max(...values)
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  return low === high ? [low, low + 1] : [low, high]
}

function text(of: { x: number; y: number; of: string; anchor?: string; size?: number }): string {
  const safe = of.of.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${round(of.x)}" y="${round(of.y)}" text-anchor="${of.anchor ?? 'start'}" font-size="${of.size ?? 12}">${safe}</text>`
}

function label(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
