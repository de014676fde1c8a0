import { afterAll, describe, expect, it } from 'vitest'
import { CLUSTER_DEFAULTS, type Cluster, exampleImage } from '../../sim/cluster/cluster.ts'
import { openCluster } from '../../sim/engines/open-cluster.ts'
import { paperFiles, paperText } from '../../sim/paper/report.ts'
import { runPaper } from '../../sim/paper/run.ts'
import { SeededStream } from '../../sim/cluster/seeded-stream.ts'

const SPEC = { ...CLUSTER_DEFAULTS, slaves: 4, sites: 4, threshold: { fixed: { threshold: 2, total: 3 } } }

/** One scenario, told by its outcomes: what is stored, read with holders gone one by one, and deleted. */
async function outcomes(cluster: Cluster): Promise<string[]> {
  const told: string[] = []
  const code = (work: Promise<unknown>): Promise<string> =>
    cluster.drive(
      work.then(
        () => 'ok',
        error => error.code
      )
    )
  const bytes = exampleImage(new SeededStream('outcomes'), 500)
  const stored = await cluster.drive(cluster.owner.store(bytes))
  told.push(`stored on ${stored.holders.length} of ${stored.total}, ${stored.masters} masters`)
  for (const holder of stored.holders) {
    const got = await cluster.drive(cluster.user.fetch(stored.id).catch(error => error.code))
    told.push(got instanceof Uint8Array ? `read ${Buffer.compare(got, bytes)}` : got)
    cluster.close(holder)
  }
  told.push(await code(cluster.user.fetch(stored.id)))
  for (const holder of stored.holders) cluster.open(holder)
  await cluster.drive(cluster.down(stored.holders[0]))
  told.push(await code(cluster.user.fetch(stored.id)))
  const found = await cluster.drive(cluster.user.search(bytes, { k: 1 }))
  told.push(`found at ${found[0].distance}, itself ${found[0].id === stored.id}`)
  told.push(await code(cluster.owner.delete(stored.id)))
  told.push(await code(cluster.user.fetch(stored.id)))
  return told
}

describe('both engines', () => {
  const clusters: Cluster[] = []
  afterAll(async () => {
    for (const cluster of clusters) await cluster.stop()
  })

  it('one scenario has the same outcomes on real libp2p peers and on virtual time', async () => {
    const told: string[][] = []
    for (const engine of ['virtual', 'real'] as const) {
      const cluster = await openCluster(engine, SPEC)
      clusters.push(cluster)
      told.push(await outcomes(cluster))
    }
    expect(told[0]).toEqual([
      'stored on 3 of 3, 2 masters',
      'read 0',
      'read 0',
      'NOT_ENOUGH_SHADOWS',
      'NOT_ENOUGH_SHADOWS',
      'ok',
      'found at 0, itself true',
      'ok',
      'IMAGE_NOT_FOUND'
    ])
    expect(told[1]).toEqual(told[0])
  })

  it('a thousand slaves in one virtual run: a store and a read among them', async () => {
    const spec = {
      ...SPEC,
      crypto: 'twin',
      slaves: 1000,
      sites: 50,
      threshold: { fixed: { threshold: 10, total: 30 } }
    } as const
    const cluster = await openCluster('virtual', spec)
    const bytes = exampleImage(new SeededStream('thousand'), 100)
    const { id: image, holders } = await cluster.drive(cluster.owner.store(bytes))
    expect(holders).toHaveLength(30)
    expect(Buffer.compare(await cluster.drive(cluster.user.fetch(image)), bytes)).toBe(0)
  })
})

describe('the paper on virtual time', () => {
  it('Figs 13 and 14 and Table 13: four of ten gone reads 100 %, five 0 %; achieved load never exceeds offered', async () => {
    const config = {
      engine: 'virtual',
      crypto: 'twin',
      seed: 1,
      images: 20,
      imageBytes: 100,
      seconds: 1,
      kills: 1
    } as const
    const result = await runPaper(config)
    expect(result.story?.identical).toBe(true)
    expect(result.table13?.map(({ read }) => read)).toEqual([20, 20, 20, 20, 0])
    for (const { offered, achieved } of result.table12 ?? []) expect(achieved).toBeLessThanOrEqual(offered)
    expect(result.table14?.map(({ how, slaves }) => [how, slaves])).toEqual([
      ['killed', 1],
      ['killed', 4],
      ['frozen', 1],
      ['frozen', 4]
    ])
    expect(paperText(result)).toContain('more than came in')
    expect(paperFiles(config, result, { version: '0', machine: '' })['report.html']).toContain('is killed')
  })
})
