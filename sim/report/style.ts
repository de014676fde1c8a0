import { paletteStyle } from './palette.ts'

/** The style sheet of a report: light, dark, narrow and printed. */
export const STYLE = `${paletteStyle()}
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page) }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1rem; letter-spacing: .02em; color: var(--blue); margin: 0 0 .5rem }
.headline { font-size: 1.65rem; line-height: 1.3; font-weight: 600; margin: 0 0 1.6rem; max-width: 50rem; color: var(--ink) }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 0 0 1.2rem }
.figures div, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.figures div { padding: .8rem 1rem; display: flex; flex-direction: column; justify-content: space-between }
dt { color: var(--soft); font-size: .85rem } dd { margin: 0 }
.figures dd { font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums }
section { padding: 1.3rem 1.5rem; margin: 0 0 1.2rem }
h2 { font-size: 1.15rem; margin: 0 0 .6rem } p { margin: 0 0 .7rem; max-width: 50rem; color: var(--soft) }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.6rem; list-style: none; margin: .8rem 0 .4rem; padding: 0; font-size: .9rem }
.legend b { font-weight: 700; margin-right: .45rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 1.5rem; margin: .6rem 0 }
.charts svg { width: 100%; height: auto; display: block; max-width: 44rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem }
th, td { text-align: right; padding: .28rem 1.5rem .28rem 0; white-space: nowrap; border-bottom: 1px solid var(--line) }
th:last-child, td:last-child { padding-right: 0 }
th { color: var(--soft); font-weight: 500; vertical-align: bottom; border-bottom-width: 2px }
th.text, td.text { text-align: left }
pre, code { font: .8rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
pre { margin: .6rem 0 0 } code { user-select: all }
.made { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: 0 }
@media (max-width: 40rem) {
  main { padding: 1.2rem .7rem 2rem } section { padding: 1rem } .headline { font-size: 1.3rem }
  .made { grid-template-columns: 1fr }
}
@media print {
  :root { font-size: 10px } body { background: none; font-size: 1rem } main { max-width: none; padding: 0 }
  .figures { grid-template-columns: repeat(4, 1fr) } .figures div, section { border-color: transparent; padding: 0 }
  .wide { overflow: visible } th, td { padding-right: 1rem }
  thead { display: table-header-group } tr, svg, pre, .figures { break-inside: avoid } h2 { break-after: avoid }
  .charts { grid-template-columns: 1fr 1fr }
}`
