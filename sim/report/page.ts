import type { Colour } from './palette.ts'
import { STYLE } from './style.ts'

/** A part of a report: a heading with text, pictures, a table, or several of these. */
export interface Section {
  readonly title: string
  /** Paragraphs. */
  readonly text?: readonly string[]
  /** What the marks of the charts are. */
  readonly legend?: readonly LegendEntry[]
  /** SVG text; side by side where there is room. */
  readonly charts?: readonly string[]
  readonly table?: Table
  /** Lines of a log, shown as they are. */
  readonly lines?: readonly string[]
}

/** One mark of the charts, as a sign in its colour, and what it is. */
export interface LegendEntry {
  readonly sign: string
  readonly colour: Colour
  readonly text: string
}

/** Rows of a table under their column heads. Columns of numbers are set to the right. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** A whole report. */
export interface Page {
  readonly title: string
  /** What was found, in a sentence or two; stands largest. */
  readonly headline: string
  /** Name and value of what a reader wants first. */
  readonly figures?: readonly (readonly [string, string])[]
  readonly sections: readonly Section[]
  /** The command that makes it again. */
  readonly command: string
  /** Name and value of what else it was made with. */
  readonly made: readonly (readonly [string, string])[]
}

const NUMBER = /^([<−-]? ?\d[\d,.]*(e[+-]?\d+)?( ?(%|x|ms|s))?|–)?$/

/** One HTML file that needs nothing else: no script, no font, no address. */
export function renderPage({ title, headline, figures = [], sections, command, made }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
<h1>${safe(title)}</h1>
<p class="headline">${safe(headline)}</p>
${figures.length === 0 ? '' : `<dl class="figures">${figures.map(pair => `<div>${renderPair(pair)}</div>`).join('')}</dl>`}
${sections.map(renderSection).join('\n')}
<section>
<h2>How this was made</h2>
<dl class="made"><dt>command</dt><dd><code>${safe(command)}</code></dd>${made.map(renderPair).join('')}</dl>
</section>
</main>
</body>
</html>
`
}

function renderSection({ title, text = [], legend = [], charts = [], table, lines }: Section): string {
  const marks = legend.map(
    ({ sign, colour, text }) => `<li><b style="color:var(--${colour})">${safe(sign)}</b>${safe(text)}</li>`
  )
  const parts = [
    `<h2>${safe(title)}</h2>`,
    ...text.map(paragraph => `<p>${safe(paragraph)}</p>`),
    marks.length === 0 ? '' : `<ul class="legend">${marks.join('')}</ul>`,
    charts.length === 0 ? '' : `<div class="charts">\n${charts.join('\n')}</div>`,
    table === undefined ? '' : renderTable(table),
    lines === undefined ? '' : `<pre>${lines.map(safe).join('\n')}</pre>`
  ]
  return `<section>\n${parts.filter(part => part !== '').join('\n')}\n</section>`
}

function renderTable({ columns, rows }: Table): string {
  const isText = columns.map((_, at) => rows.some(row => !NUMBER.test(String(row[at]))))
  const line = (tag: 'th' | 'td', cells: readonly (string | number)[]): string => {
    const made = cells.map((cell, at) => `<${tag}${isText[at] ? ' class="text"' : ''}>${safe(String(cell))}</${tag}>`)
    return `<tr>${made.join('')}</tr>`
  }
  const body = rows.map(row => line('td', row)).join('\n')
  return `<div class="wide"><table>\n<thead>${line('th', columns)}</thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`
}

function renderPair([name, value]: readonly [string, string]): string {
  return `<dt>${safe(name)}</dt><dd>${safe(value)}</dd>`
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
