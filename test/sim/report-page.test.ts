import { describe, expect, it } from 'vitest'
import { paperFiles } from '../../sim/paper/report.ts'
import { PAPER_DEFAULTS, type PaperResult } from '../../sim/paper/run.ts'
import { probability } from '../../sim/report/format-number.ts'
import { THEOREM4_DEFAULTS, type Theorem4Config } from '../../sim/theorem4/config.ts'
import { theorem4Files } from '../../sim/theorem4/report.ts'
import { runTheorem4 } from '../../sim/theorem4/run.ts'
import { attribute, elements, parsePage, tagged, textOf } from './html-tree.ts'

type Document = ReturnType<typeof parsePage>

const counting: Theorem4Config = { ...THEOREM4_DEFAULTS.counting, trials: 20_000, seed: 'a page' }

async function theorem4Page(change: Partial<Theorem4Config> = {}) {
  const config = { ...counting, ...change }
  const result = await runTheorem4(config)
  const html = (await theorem4Files(config, result, '1.2.3'))['report.html']
  return { result, html, page: parsePage(html) }
}

/** Nothing to run, nothing to load, no two elements of one id. */
function expectAlone(page: Document, html: string): void {
  expect(html.length).toBeLessThan(1_000_000)
  const all = elements(page, () => true)
  for (const tag of ['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form', 'image', 'use']) {
    expect(all.filter(({ tagName }) => tagName === tag)).toEqual([])
  }
  const names = all.flatMap(({ attrs }) => attrs.map(({ name }) => name))
  expect(names.filter(name => /^on|src|href|action|poster/.test(name))).toEqual([])
  expect(html).not.toMatch(/url\(|@import/)
  const ids = all.flatMap(element => attribute(element, 'id') ?? [])
  expect(new Set(ids).size).toBe(ids.length)
}

function headline(page: Document): string {
  return textOf(elements(page, element => attribute(element, 'class') === 'headline')[0])
}

function rowsOf(page: Document): string[][][] {
  return tagged(page, 'tbody').map(body => tagged(body, 'tr').map(row => tagged(row, 'td').map(textOf)))
}

function points(page: Document): string[] {
  const marks = tagged(page, 'path').map(path => attribute(path, 'aria-label') ?? '')
  return marks.filter(label => label.endsWith(' measured'))
}

describe('page of theorem4', () => {
  it('says which formula the data support, with both chi-square p, and stands alone', async () => {
    const { page, html, result } = await theorem4Page()
    expect(headline(page)).toMatch(
      /^The data support the exact binomial and refute the printed formula \(.*p = 0\..*p < 1e-12/
    )
    expect(tagged(page, 'dd').map(textOf)).toContain(probability(result.verdict.exact.p))
    expectAlone(page, html)
  })

  it('48 cells: 48 rows with their figures, and 48 measured points in 4 charts', async () => {
    const { page, result } = await theorem4Page()
    const [rows] = rowsOf(page)
    expect(rows).toHaveLength(48)
    result.cells.forEach(({ r, s, p, trials, failures, low, high, exact, printed }, at) => {
      const figures = [failures / trials, low, high, exact].map(probability)
      expect(rows[at].slice(0, 2)).toEqual([`(${r}, ${s})`, String(p)])
      expect(rows[at].slice(2, 4).map(text => Number(text.replaceAll(',', '')))).toEqual([trials, failures])
      expect(rows[at].slice(4, 8)).toEqual(figures)
      expect(rows[at].at(-1)).toBe(probability(printed))
    })
    expect(tagged(page, 'svg')).toHaveLength(4)
    expect(points(page)).toEqual(
      result.cells.map(
        ({ r, s, p, failures, trials }) => `(${r}, ${s}), p = ${p}: ${probability(failures / trials)} measured`
      )
    )
    expect(result.cells.some(({ failures }) => failures === 0)).toBe(true) // these have their point too
  })

  it('in every chart the exact curve is solid and the printed one dashed, whichever reaches farther down', async () => {
    const { page } = await theorem4Page({ p: [0.3, 0.6], trials: 320 })
    for (const chart of tagged(page, 'svg')) {
      const dashOf = (formula: string) =>
        elements(chart, element => attribute(element, 'aria-label')?.endsWith(formula) ?? false).map(line =>
          attribute(line, 'stroke-dasharray')
        )
      expect(dashOf('exact binomial')).toEqual(['1,0'])
      expect(dashOf('formula as printed')).toEqual(['6,4'])
    }
  })

  it('p of 0 and 1 and a single trial have their points too', async () => {
    const { page, result } = await theorem4Page({ p: [0, 1], trials: 1, pairs: [[2, 3]] })
    expect(result.cells.map(({ failures, trials }) => failures / trials)).toEqual([0, 1])
    expect(points(page)).toHaveLength(2)
  })

  it('numbers stand to the right, words to the left', async () => {
    const { page } = await theorem4Page({ pairs: [[2, 3]] })
    const heads = tagged(page, 'th').map(head => [textOf(head), attribute(head, 'class') === 'text'])
    expect(heads.filter(([, isText]) => isText).map(([name]) => name)).toEqual(['(r, s)', 'exact is'])
  })

  it('the command makes the same run again', async () => {
    const { page } = await theorem4Page({ pairs: [[2, 3]], p: [0.1, 0.3], sites: 5 })
    expect(textOf(tagged(page, 'code')[0])).toBe(
      "sfmedir sim theorem4 --engine counting --pairs 2/3 --p 0.1,0.3 --trials 20000 --sites 5 --seed 'a page'"
    )
    expect(tagged(page, 'dd').map(textOf)).toEqual(expect.arrayContaining(['1.2.3', 'a page', 'counting']))
  })

  it('other models have a table of their own; alone, no formula is judged', async () => {
    const both = await theorem4Page({ models: ['independent', 'sites'], pairs: [[2, 3]] })
    expect(rowsOf(both.page).map(rows => rows.length)).toEqual([12, 12])
    const alone = await theorem4Page({ models: ['sites'], pairs: [[2, 3]] })
    expect(headline(alone.page)).toContain('neither formula is judged')
    expect(rowsOf(alone.page).map(rows => rows.length)).toEqual([12])
  })

  it('an interrupted run says so first', async () => {
    const signal = AbortSignal.abort()
    const html = (await theorem4Files(counting, await runTheorem4(counting, { signal }), '0'))['report.html']
    expect(headline(parsePage(html))).toMatch(/^Interrupted/)
  })
})

describe('page of paper', () => {
  const result: PaperResult = {
    story: { lines: ['0.0 ms  <2 masters> & 5 slaves'], identical: true },
    table13: [1, 2, 3, 4, 5].map(gone => ({
      gone,
      images: 8,
      read: gone < 5 ? 8 : 0,
      paperPercent: gone < 5 ? 100 : 0
    })),
    table11: [{ queries: 100, indexMs: 1.25, networkMs: 300.5, paperMs: 60.58 }],
    table12: [{ offered: 10, achieved: 9.9, p50Ms: 2, p99Ms: 4, errors: 0, paperAchieved: 11.5 }],
    table14: []
  }
  const made = { version: '1.2.3', machine: 'two cores' }
  const pageOf = (change: Partial<PaperResult> = {}) => {
    const html = paperFiles({ ...PAPER_DEFAULTS, images: 8 }, { ...result, ...change }, made)['report.html']
    return { html, page: parsePage(html) }
  }

  it('says what was confirmed, has a row for each figure, the machine and the command, and stands alone', () => {
    const { page, html } = pageOf()
    expect(headline(page)).toMatch(/bit for bit\. Table 13 is confirmed/)
    const [table13, table11, table12] = rowsOf(page)
    expect(table13).toEqual(
      [1, 2, 3, 4, 5].map(gone => [`${gone}`, '8', ...(gone < 5 ? ['8', '100.0 %', '100 %'] : ['0', '0.0 %', '0 %'])])
    )
    expect(table11).toEqual([['100', '1.25', '300.5', '60.58']])
    expect(table12[0].slice(0, 2)).toEqual(['10', '9.9'])
    expect(textOf(tagged(page, 'pre')[0])).toBe('0.0 ms  <2 masters> & 5 slaves')
    expect(textOf(tagged(page, 'code')[0])).toBe('sfmedir sim paper --engine real --images 8 --seed 1')
    expect(tagged(page, 'dd').map(textOf)).toContain('two cores')
    expectAlone(page, html)
  })

  it('says which row of Table 13 differs, and what was interrupted', () => {
    const table13 = result.table13?.map(row => ({ ...row, read: 8 }))
    expect(headline(pageOf({ table13 }).page)).toContain('with 5 gone 100.0 % are read, not 0 %')
    expect(headline(pageOf({ table14: undefined }).page)).toMatch(/^Interrupted/)
  })
})
