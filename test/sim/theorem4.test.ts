import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCluster } from '../../sim/engines/open-cluster.ts'
import { choosePolicy } from '../../sim/statistics/policy.ts'
import { prepareFolder, readResult, writeFiles } from '../../sim/report/result-files.ts'
import { judge } from '../../sim/theorem4/cells.ts'
import { THEOREM4_DEFAULTS, type Theorem4Config } from '../../sim/theorem4/config.ts'
import { theorem4Files, theorem4Text } from '../../sim/theorem4/report.ts'
import { runTheorem4, type Theorem4Options } from '../../sim/theorem4/run.ts'

const counting: Theorem4Config = { ...THEOREM4_DEFAULTS.counting, trials: 200_000 }
const virtual: Theorem4Config = { ...THEOREM4_DEFAULTS.virtual, p: [0.2, 0.45], trials: 100, slaves: 15, images: 12 }

const clusterOf =
  (config: Theorem4Config): NonNullable<Theorem4Options['cluster']> =>
  (r, s) =>
    openCluster('virtual', { ...config, threshold: { fixed: { threshold: r, total: s } } })

describe('theorem4', () => {
  it('counting: 48 cells of 200,000 trials support the exact binomial and refute the printed formula', async () => {
    const { cells, verdict } = await runTheorem4(counting)
    expect(cells).toHaveLength(48)
    expect(verdict.exact.p).toBeGreaterThan(0.01)
    expect(verdict.printed.p).toBe(0)
    expect(verdict.covered).toBeGreaterThanOrEqual(42) // 95 % of 48, three standard deviations below
    expect(verdict.says).toMatch(/support the exact binomial and refute the printed/)
    expect(Object.keys(cells[0])).toEqual(['r', 's', 'p', 'trials', 'failures', 'low', 'high', 'exact', 'printed'])
  })

  it('virtual: 100 reads a cell through the role code agree with the exact values of all four models', async () => {
    const config: Theorem4Config = { ...virtual, models: ['independent', 'unequal', 'sites', 'drawn'] }
    const { cells, others } = await runTheorem4(config, { cluster: clusterOf(config) })
    expect(cells).toHaveLength(4)
    expect(others).toHaveLength(12)
    const verdict = judge([...cells, ...others])
    expect(verdict.exact.p).toBeGreaterThan(0.01)
    expect(verdict.printed.p).toBeLessThan(1e-6)
  })

  it('virtual: masters that fail with 0.5 each are counted apart, 0.25 of the trials', async () => {
    const config = { ...virtual, pairs: [[2, 3]] as const, p: [0], masterP: 0.5, trials: 200 }
    const { cells, apart } = await runTheorem4(config, { cluster: clusterOf(config) })
    expect(apart.mastersDown.expected).toBe(0.25)
    expect(apart.mastersDown.failures).toBeGreaterThan(25)
    expect(apart.mastersDown.failures).toBeLessThan(80)
    expect(cells[0]).toMatchObject({ trials: 200 - apart.mastersDown.failures, failures: 0 })
  })

  it('an interrupted run keeps the cells that are done and says that it is not complete', async () => {
    const controller = new AbortController()
    let seen = 0
    const result = await runTheorem4(counting, {
      signal: controller.signal,
      onProgress: share => {
        seen = share
        if (share > 0.2) controller.abort()
      }
    })
    expect(seen).toBeLessThan(0.3)
    expect(result.complete).toBe(false)
    expect(result.cells.length).toBeGreaterThan(5)
    expect(result.cells.every(({ trials }) => trials === 200_000)).toBe(true)
  })

  const bad: [string, Partial<Theorem4Config>][] = [
    ['r > s', { pairs: [[5, 3]] }],
    ['r = 1', { pairs: [[1, 3]] }],
    ['more shadows than slaves', { engine: 'virtual', pairs: [[6, 10]], slaves: 9 }],
    ['256 shadows', { pairs: [[6, 256]] }],
    ['p = 1.1', { p: [1.1] }],
    ['p = NaN', { p: [Number.NaN] }],
    ['no trials', { trials: 0 }],
    ['no pairs', { pairs: [] }],
    ['an unknown model', { models: ['weather' as never] }]
  ]
  it.each(bad)('%s: SCENARIO_INVALID', async (_, change) => {
    await expect(runTheorem4({ ...counting, ...change })).rejects.toMatchObject({ code: 'SCENARIO_INVALID' })
  })
})

describe('report', () => {
  it('the same seed gives the same files byte for byte', async () => {
    const config: Theorem4Config = { ...virtual, pairs: [[2, 3]], trials: 60, seed: 'same' }
    const make = async (): Promise<Record<string, string>> =>
      theorem4Files(config, await runTheorem4(config, { cluster: clusterOf(config) }), '0.0.0')
    const files = await make()
    expect(await make()).toEqual(files)
    expect(Object.keys(files)).toEqual(['result.json', 'cells.csv', 'theorem4.svg', 'report.html'])
    expect(files['theorem4.svg']).toContain('exact binomial')
    expect(files['cells.csv'].split('\n')[0]).toBe('r,s,p,trials,failures,low,high,exact,printed')
    expect(theorem4Text(await runTheorem4({ ...counting, trials: 1000 }))).toContain('(10,30)')
  })

  it('a result is read again; another version, no JSON, no result and no file are refused with their codes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sfmedir-result-'))
    const path = join(folder, 'result.json')
    writeFiles(folder, { 'result.json': '{"format":1,"kind":"theorem4","cells":[]}' })
    expect(readResult(path).kind).toBe('theorem4')
    for (const text of ['{"format":2,"kind":"theorem4"}', 'no json', '[]', 'null']) {
      writeFileSync(path, text)
      expect(() => readResult(path)).toThrow(expect.objectContaining({ code: 'RESULT_INVALID' }))
    }
    expect(() => readResult(join(folder, 'none'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }))
  })

  it('a folder that is a file: FILE_UNWRITABLE before the run', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sfmedir-result-'))
    writeFileSync(join(folder, 'file'), '')
    expect(() => prepareFolder(join(folder, 'file', 'out'))).toThrow(
      expect.objectContaining({ code: 'FILE_UNWRITABLE' })
    )
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('')
  })
})

describe('policy', () => {
  it('target 1e-6 at p = 0.1: (16, 28) is cheapest with 1.75 times, the paper misses it, (3,10) and (10,30) meet it', () => {
    const { best, presets } = choosePolicy({ target: 1e-6, p: 0.1, maxSlaves: 30 })
    expect(best[0]).toMatchObject({ r: 16, s: 28, storage: 1.75 })
    expect(presets.map(({ r, s, meetsTarget }) => [r, s, meetsTarget])).toEqual([
      [2, 3, false],
      [6, 10, false],
      [3, 10, true],
      [10, 30, true]
    ])
    expect(presets[3].nines).toBeCloseTo(14.24, 2)
  })

  it('target 0, p = 2, one slave: SCENARIO_INVALID', () => {
    for (const question of [
      { target: 0, p: 0.1, maxSlaves: 30 },
      { target: 1e-6, p: 2, maxSlaves: 30 },
      { target: 1e-6, p: 0.1, maxSlaves: 1 }
    ]) {
      expect(() => choosePolicy(question)).toThrow(expect.objectContaining({ code: 'SCENARIO_INVALID' }))
    }
  })
})
