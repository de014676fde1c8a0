/**
 * The colours of reports and charts, each as [light, dark]; the hues are ones that colour-blind readers tell apart. A chart
 * is drawn in the light one; in a page, {@link paletteStyle} lets its SVG follow the page's scheme.
 */
const PALETTE = Object.freeze({
  ink: ['#1d2430', '#e4e9f0'],
  soft: ['#5b6675', '#9aa6b6'],
  line: ['#dfe5ec', '#313a47'],
  card: ['#ffffff', '#1a2029'],
  page: ['#f4f6f9', '#11151b'],
  band: ['#d7e8f4', '#1f3a4d'],
  blue: ['#0072b2', '#56b4e9'],
  orange: ['#d55e00', '#f0883e']
} as const)

/** One of {@link PALETTE}'s. */
export type Colour = keyof typeof PALETTE

/** The colour as a chart is drawn in it. */
export function light(colour: Colour): string {
  return PALETTE[colour][0]
}

/** CSS: every colour as a variable (`--ink`), dark where the reader's system is, and the same in inline SVG. */
export function paletteStyle(): string {
  const variables = (at: 0 | 1): string =>
    Object.entries(PALETTE)
      .map(([name, pair]) => `--${name}: ${pair[at]}`)
      .join('; ')
  const inSvg = Object.entries(PALETTE).map(
    ([name, [drawn]]) =>
      `svg [fill="${drawn}"] { fill: var(--${name}) } svg [stroke="${drawn}"] { stroke: var(--${name}) }`
  )
  return `:root { color-scheme: light dark; ${variables(0)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(1)} } }
${inSvg.join('\n')}`
}
