/** A part of a report: a heading with text, a picture, a table, or several of these. */
export interface Section {
  readonly title: string
  /** Paragraphs. */
  readonly text?: readonly string[]
  /** SVG text. */
  readonly charts?: readonly string[]
  readonly table?: Table
  /** Lines of a log, shown as they are. */
  readonly lines?: readonly string[]
}

/** Rows of a table under their column heads. */
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
  /** The command that makes it again, and what it was made with. */
  readonly footer: string
}

const STYLE = `
:root { color-scheme: light; --ink: #1d2430; --soft: #5b6675; --line: #e3e8ee; --accent: #0072b2 }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: #f5f7fa }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.15rem; letter-spacing: .02em; color: var(--accent); margin: 0 0 .4rem }
.headline { font-size: 1.6rem; line-height: 1.3; margin: 0 0 1.6rem; max-width: 46rem }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem; margin: 0 0 1.6rem }
.figures div { background: white; border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem }
.figures dt { color: var(--soft); font-size: .82rem } .figures dd { margin: 0; font-size: 1.25rem; font-weight: 600 }
section { background: white; border: 1px solid var(--line); border-radius: 12px; padding: 1.3rem 1.5rem; margin: 0 0 1.2rem; overflow-x: auto }
h2 { font-size: 1.1rem; margin: 0 0 .6rem } p { margin: 0 0 .7rem; max-width: 46rem; color: #3b4452 }
svg { max-width: 100%; height: auto; display: block; margin: .6rem 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; width: 100% }
th { text-align: right; color: var(--soft); font-weight: 500; border-bottom: 2px solid var(--line); padding: .35rem .6rem }
td { text-align: right; border-bottom: 1px solid var(--line); padding: .3rem .6rem; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
pre { background: #0f1720; color: #d7e0ea; border-radius: 8px; padding: 1rem; overflow-x: auto; font-size: .82rem; line-height: 1.5 }
footer { color: var(--soft); font-size: .85rem } footer code { user-select: all }`

/** One HTML file that needs nothing else: no script, no font, no address. */
export function renderPage({ title, headline, figures = [], sections, footer }: Page): string {
  const tiles = figures.map(([name, value]) => `<div><dt>${safe(name)}</dt><dd>${safe(value)}</dd></div>`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${safe(title)}</h1>
<p class="headline">${safe(headline)}</p>
${tiles === '' ? '' : `<dl class="figures">${tiles}</dl>`}
${sections.map(renderSection).join('\n')}
<footer><p><code>${safe(footer)}</code></p></footer>
</main>
</body>
</html>
`
}

function renderSection({ title, text = [], charts = [], table, lines }: Section): string {
  const parts = [
    `<h2>${safe(title)}</h2>`,
    ...text.map(paragraph => `<p>${safe(paragraph)}</p>`),
    ...charts,
    table === undefined ? '' : renderTable(table),
    lines === undefined ? '' : `<pre>${lines.map(safe).join('\n')}</pre>`
  ]
  return `<section>\n${parts.filter(part => part !== '').join('\n')}\n</section>`
}

function renderTable({ columns, rows }: Table): string {
  const head = columns.map(column => `<th>${safe(column)}</th>`).join('')
  const body = rows.map(row => `<tr>${row.map(cell => `<td>${safe(String(cell))}</td>`).join('')}</tr>`).join('\n')
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
