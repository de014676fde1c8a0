import { describe, expect, it } from 'vitest'
import { openCluster } from '../../sim/engines/open-cluster.ts'
import { THEOREM4_DEFAULTS, type Theorem4Config } from '../../sim/theorem4/config.ts'
import { parseTheorem4Result } from '../../sim/theorem4/parse-result.ts'
import { theorem4Files } from '../../sim/theorem4/report.ts'
import { runTheorem4 } from '../../sim/theorem4/run.ts'

const small = { pairs: [[2, 3]] as const, p: [0.1, 0.4], trials: 64 }
const CONFIGS: Theorem4Config[] = [
  { ...THEOREM4_DEFAULTS.counting, ...small },
  { ...THEOREM4_DEFAULTS.virtual, ...small, slaves: 6, images: 4 }
]

async function filesOf(config: Theorem4Config): Promise<Record<string, string>> {
  const result = await runTheorem4(config, {
    cluster: (r, s) => openCluster('virtual', { ...config, threshold: { fixed: { threshold: r, total: s } } })
  })
  return theorem4Files(config, result, '1.2.3')
}

describe.each(CONFIGS)('result.json of theorem4 on $engine', config => {
  it('has format, kind, version, seed, config, and cells with their nine figures', async () => {
    const json = JSON.parse((await filesOf(config))['result.json'])
    expect(Object.keys(json).slice(0, 6)).toEqual(['format', 'kind', 'version', 'seed', 'config', 'cells'])
    expect(json).toMatchObject({ format: 1, kind: 'theorem4', version: '1.2.3', seed: 1, complete: true })
    expect(json.config).toEqual(JSON.parse(JSON.stringify(config)))
    expect(json.cells.map(({ r, s, p, trials }: Record<string, number>) => [r, s, p, trials])).toEqual([
      [2, 3, 0.1, 64],
      [2, 3, 0.4, 64]
    ])
    for (const cell of json.cells) {
      expect(Object.keys(cell)).toEqual(['r', 's', 'p', 'trials', 'failures', 'low', 'high', 'exact', 'printed'])
      expect(Object.values(cell).every(Number.isFinite)).toBe(true)
    }
  })

  it('the same seed gives the same bytes, another seed others', async () => {
    const files = await filesOf(config)
    expect(await filesOf(config)).toEqual(files)
    const others = await filesOf({ ...config, seed: 2 })
    expect(JSON.parse(others['result.json']).cells).not.toEqual(JSON.parse(files['result.json']).cells)
  })

  it('read again it gives the same files byte for byte', async () => {
    const files = await filesOf(config)
    const again = parseTheorem4Result(JSON.parse(files['result.json']))
    expect(await theorem4Files(again.config, again.result, again.version)).toEqual(files)
  })
})
