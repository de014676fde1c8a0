import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Evaluation } from '../../../models/evaluate/evaluate.ts'
import { type PaperCells, paperCells } from '../../../models/reports/paper-tables.ts'
import type { NamedEvaluation } from '../../../models/reports/named-evaluation.ts'
import { writeReport } from '../../../models/reports/write-report.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sfmedir-report-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const KS = ['100', '200', '500', '1000', 'all']
const measure = (first: number) => Object.fromEntries(KS.map((k, at) => [k, first - at / 100]))

function evaluation(bits: number, attack?: { goal: string; epsilon: number }): Evaluation {
  const clean = {
    queries: 256,
    database: 5312,
    bits,
    classes: ['glioma', 'notumor'],
    chance: 0.256,
    map: measure(0.911),
    foundNormalisedMap: measure(0.822),
    low: 0.895,
    high: 0.929,
    precision: measure(0.733),
    precisionRecall: Array.from({ length: 11 }, (_, at) => 1 - at / 20),
    perClass: { 0: 0.871, 1: 0.951 },
    macroMap: 0.9112
  }
  if (attack === undefined) return clean
  return {
    ...clean,
    adversarialMap: measure(0.626),
    adversarialLow: 0.572,
    adversarialHigh: 0.681,
    adversarialPrecisionRecall: clean.precisionRecall.map(value => value / 2),
    targetedMap: attack.goal === 'targeted' ? measure(0.108) : undefined,
    attack: { ...attack, steps: 100, restarts: 3, queries: 256, meanLargestChange: 0.0313, meanSquaredChange: 3.4e-4 }
  }
}

const cells = (bits: number, robust = true): PaperCells | undefined => paperCells('t-mri', { robust, bits })

async function written(name: string, evaluations: readonly NamedEvaluation[]): Promise<Record<string, string>> {
  const path = join(dir, name)
  await writeReport(path, { title: 'Model m', about: ['Data: t-mri.'] }, evaluations)
  const files = ['report.md', 'report.json', 'precision-recall.svg', 'precision-at-k.svg']
  expect(files.reduce((bytes, file) => bytes + statSync(join(path, file)).size, 0)).toBeLessThan(200_000)
  return Object.fromEntries(files.map(file => [file, readFileSync(join(path, file), 'utf8')]))
}

describe('a report', () => {
  it('over 8 to 64 bits has every measure at every k, the classes, chance, intervals, and the paper beside them', async () => {
    const evaluations = [8, 16, 32, 64].map(bits => ({ name: 'm', evaluation: evaluation(bits), paper: cells(bits) }))
    const { 'report.md': text, 'report.json': json, ...curves } = await written('lengths', evaluations)
    const rows = text.split('\n')
    const measured = '0.911 (0.94) | 0.901 (0.90) | 0.891 (0.88) | 0.881 (0.85) | 0.871'
    expect(rows).toContain(`| m | 16 | 256 | 5312 | ${measured} | 0.895 to 0.929 | 0.256 |`)
    expect(rows).toContain('| m | 64 | mAP, found-normalised | 0.822 | 0.812 | 0.802 | 0.792 | 0.782 |')
    expect(rows).toContain('| m | 8 | precision | 0.733 | 0.723 | 0.713 | 0.703 | 0.693 |')
    expect(rows).toContain('| model | bits | glioma | notumor | mean |')
    expect(rows).toContain('| m | 32 | 0.871 | 0.951 | 0.911 |')
    expect(text).toContain('Data: t-mri.')
    expect(text).not.toContain('## Attacked queries')
    for (const svg of Object.values(curves)) expect(svg.match(/stroke-width="1.8"\/>/g)).toHaveLength(2 * 4)
    expect(JSON.parse(json).evaluations).toHaveLength(4)
  })

  it('of attacks has one clean row, and a row and a curve for each attack with its size; the paper beside targeted ones', async () => {
    const goals = ['targeted', 'untargeted', 'noise'].flatMap(goal => [2, 4, 8].map(size => ({ goal, size })))
    const evaluations = goals.map(({ goal, size }) => ({
      name: 'm',
      evaluation: evaluation(16, { goal, epsilon: size / 255 }),
      paper: cells(16)
    }))
    const { 'report.md': text, 'precision-recall.svg': svg } = await written('attacks', evaluations)
    const rows = text.split('\n')
    expect(rows.filter(row => row.startsWith('| m | 16 | 256 | 5312 |'))).toHaveLength(1)
    const rest = '0.572 to 0.681 | 0.586'
    const changes = '0.0313 | 3.40e-4 |'
    const start = '| m | 16 | targeted | 8/255 | 100 | 3 | 256'
    expect(rows).toContain(`${start} | 0.911 (0.95) | 0.626 (0.90) | ${rest} | 0.108 | ${changes}`)
    const other = '| m | 16 | untargeted | 2/255 | 100 | 3 | 256'
    expect(rows).toContain(`${other} | 0.911 | 0.626 | ${rest} |  | ${changes}`)
    expect(svg.match(/stroke-width="1.8"\/>/g)).toHaveLength(2 * 10)
    expect(svg).toContain('16 bits, noise 4/255')
  })

  it('with sources has a row for each, clean and for each attack, with the number of queries of each class', async () => {
    const figures = { source: 'colour', low: 0.4, high: 0.7 } as const
    const attacked = evaluation(16, { goal: 'untargeted', epsilon: 8 / 255 })
    const bySource = [
      { ...figures, queries: 110, map100: 0.571, adversarialMap100: 0.111 },
      { ...figures, label: 1, queries: 104, map100: 0.552, adversarialMap100: 0.101 }
    ]
    const { 'report.md': text } = await written('sources', [{ name: 'm', evaluation: { ...attacked, bySource } }])
    const rows = text.split('\n')
    expect(rows).toContain('| m | 16 | clean | colour | 0.571 (110) |  | 0.552 (104) |')
    expect(rows).toContain('| m | 16 | untargeted 8/255 | colour | 0.111 (110) |  | 0.101 (104) |')
  })

  it('a transfer attack on a target has no cell of the paper beside it', async () => {
    const transferred = evaluation(16, { goal: 'targeted', epsilon: 8 / 255 })
    const evaluations = [{ name: 'm', evaluation: transferred, attackName: 'targeted, transfer', paper: cells(16) }]
    const { 'report.md': text } = await written('transfer', evaluations)
    expect(text).toContain('| targeted, transfer | 8/255 | 100 | 3 | 256 | 0.911 | 0.626 |')
  })

  it('a folder that cannot be made is FILE_UNWRITABLE', async () => {
    writeFileSync(join(dir, 'file'), '')
    await expect(writeReport(join(dir, 'file', 'x'), { title: '', about: [] }, [])).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE'
    })
  })
})

describe("the paper's cells", () => {
  it('are there for three data sets, clean and robust, at 8, 16, 32 and 64 bits, and for no others', () => {
    for (const set of ['a-mri', 't-mri', 'k-ct']) {
      for (const robust of [true, false]) {
        for (const bits of [8, 16, 32, 64]) {
          const found = paperCells(set, { robust, bits })
          expect(Object.keys(found?.map ?? {}), `${set} ${bits}`).toEqual(['100', '200', '500', '1000'])
        }
      }
    }
    expect(paperCells('other', { robust: true, bits: 16 })).toBeUndefined()
    expect(paperCells('t-mri', { robust: true, bits: 24 })).toBeUndefined()
  })

  it('are those of the tables: samples from each of Tables 5 to 10', () => {
    expect(paperCells('a-mri', { robust: false, bits: 64 })).toMatchObject({ map: { 200: 0.73 }, attacked: 0.01 })
    expect(paperCells('a-mri', { robust: true, bits: 16 })).toMatchObject({ map: { 1000: 0.72 }, attacked: 0.83 })
    expect(paperCells('t-mri', { robust: false, bits: 16 })).toMatchObject({ map: { 100: 0.98 }, normal: 0.96 })
    expect(paperCells('t-mri', { robust: true, bits: 64 })).toMatchObject({ map: { 1000: 0.77 }, attacked: 0.8 })
    expect(paperCells('k-ct', { robust: false, bits: 64 })).toMatchObject({ map: { 100: 0.93 }, attacked: 0.17 })
    expect(paperCells('k-ct', { robust: true, bits: 8 })).toMatchObject({ map: { 500: 0.91 }, attacked: 0.85 })
  })
})
