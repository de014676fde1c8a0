import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLUSTER_DEFAULTS, type Cluster, exampleImage } from '../../sim/cluster/cluster.ts'
import { openCluster } from '../../sim/engines/open-cluster.ts'
import { SeededStream } from '../../sim/cluster/seeded-stream.ts'

const LATENCY_MS = 25
const SPEC = { ...CLUSTER_DEFAULTS, masters: 1, slaves: 3, sites: 3, threshold: { fixed: { threshold: 2, total: 3 } } }

describe('real slaves in processes of their own, on a line with latency', () => {
  const bytes = exampleImage(new SeededStream('real-cluster'), 500)
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openCluster('real', SPEC, { processes: 'own', latencyMs: LATENCY_MS })
  }, 120_000)
  afterAll(() => cluster?.stop())

  it('reads take the latency of two questions one after the other, and go on with a holder frozen or killed', async () => {
    const { id: image, holders } = await cluster.owner.store(bytes)
    const read = async (): Promise<boolean> => Buffer.compare(await cluster.user.fetch(image), bytes) === 0
    const began = performance.now()
    expect(await read()).toBe(true)
    expect(performance.now() - began).toBeGreaterThanOrEqual(4 * LATENCY_MS)

    cluster.close(holders[0])
    expect(await read()).toBe(true)
    cluster.open(holders[0])
    await cluster.down(holders[1])
    expect(await read()).toBe(true)
    await cluster.down(holders[2])
    await expect(cluster.user.fetch(image)).rejects.toMatchObject({ code: 'NOT_ENOUGH_SHADOWS' })

    await cluster.up(holders[1]) // on the same disk and port
    await expect.poll(() => read().catch(() => false), { timeout: 60_000 }).toBe(true)
  }, 120_000)
})
