import { describe, expect, it } from 'vitest'
import { sleep } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { supersedes } from '../../indexing/supersedes.ts'
import type { Network, Protocol } from '../../protocols/network.ts'
import { putRecord } from '../../protocols/put-record.ts'
import { putShadow } from '../../protocols/put-shadow.ts'
import { getShadow } from '../../protocols/get-shadow.ts'
import { CLUSTER_DEFAULTS, type ClusterSpec, exampleImage } from '../../sim/cluster/cluster.ts'
import { INVARIANTS } from '../../sim/invariants/invariants.ts'
import { Ledger, type LedgerEntry } from '../../sim/invariants/ledger.ts'
import { SeededStream } from '../../sim/cluster/seeded-stream.ts'
import { type Planted, VirtualCluster } from '../../sim/virtual/virtual-cluster.ts'

const SPEC: ClusterSpec = { ...CLUSTER_DEFAULTS, crypto: 'twin', threshold: { fixed: { threshold: 2, total: 3 } } }

/** A started cluster with a bug planted, and what it acknowledged. */
async function world(planted: Planted = {}, spec: Partial<ClusterSpec> = {}) {
  const cluster = new VirtualCluster({ ...SPEC, ...spec }, { planted })
  await cluster.start()
  const ledger = new Ledger()
  const random = new SeededStream('images')
  const store = async (): Promise<LedgerEntry> => {
    const bytes = exampleImage(random, 64)
    const { id: image, holders, total } = await cluster.drive(cluster.owner.store(bytes))
    const entry: LedgerEntry = { image, bytes, holders, total, deleted: 'no' }
    ledger.entries.push(entry)
    return entry
  }
  const verdict = async (name: string, stored?: LedgerEntry): Promise<string | undefined> => {
    const invariant = INVARIANTS.get(name)
    if (invariant === undefined) throw new Error(`no invariant ${name}`)
    return cluster.drive(Promise.resolve(invariant.check({ cluster, ledger }, stored)))
  }
  const pass = (ms: number): Promise<void> => cluster.drive(sleep(cluster.clock, ms))
  return { cluster, ledger, store, verdict, pass }
}

/** A network whose requests of one protocol go wrong. */
function wrapped(
  network: Network,
  id: string,
  instead: (request: never, ask: Network['request'], peer: never) => unknown
): Network {
  const ask = network.request.bind(network)
  const request = ((peer: never, protocol: Protocol<never, never>, question: never, options: never) =>
    protocol.id === id ? instead(question, ask, peer) : ask(peer, protocol, question, options)) as Network['request']
  return {
    self: network.self,
    request,
    handle: network.handle.bind(network),
    connected: () => network.connected(),
    onPeer: listener => network.onPeer(listener)
  }
}

/** All of them lose their power at once. */
async function restartMasters(cluster: VirtualCluster): Promise<void> {
  for (const peer of cluster.masters) await cluster.down(peer)
  for (const peer of cluster.masters) void cluster.up(peer)
}

describe('invariants hold in a sound network', () => {
  it('after three stores and a deletion all ten hold', async () => {
    const { cluster, ledger, store, verdict, pass } = await world()
    const [first] = [await store(), await store(), await store()]
    await cluster.drive(cluster.owner.delete(first.image))
    ledger.entries[0].deleted = 'yes'
    await pass(60_000)
    for (const name of INVARIANTS.keys()) expect(await verdict(name, ledger.entries[1])).toBeUndefined()
    expect(INVARIANTS.size).toBe(10)
  })
})

describe('a planted bug is caught', () => {
  it('fsync order: a shadow acknowledged before its sync breaks "durable"', async () => {
    const { store, verdict } = await world({ shadows: { acknowledge: 'written' } })
    expect(await verdict('durable', await store())).toMatch(/0 of 3 durable shadows/)
  })

  it('fsync order: a record acknowledged before its sync breaks "durable"; after a crash the slaves give it back', async () => {
    const { cluster, store, verdict, pass } = await world({ records: { acknowledge: 'written' } })
    const entry = await store()
    expect(await verdict('durable', entry)).toMatch(/0 durable records/)
    await restartMasters(cluster)
    await pass(60_000)
    expect(await verdict('known')).toBeUndefined()
  })

  it('fsync order: a record that is neither synced nor beside its shadows breaks "known" after a crash', async () => {
    const { cluster, store, verdict, pass } = await world({
      records: { acknowledge: 'written' },
      masterNetwork: network =>
        wrapped(network, putRecord.id, async () => {
          throw new NetError('BUSY', 'not kept')
        })
    })
    await store()
    await restartMasters(cluster)
    await pass(60_000)
    expect(await verdict('known')).toMatch(/missing from an index/)
  })

  it('gather: a master that gives up after the first holder breaks "readable"', async () => {
    let asked = 0
    const { store, verdict } = await world({
      masterNetwork: network =>
        wrapped(network, getShadow.id, async () => {
          asked++
          throw new NetError('SHADOW_MISSING', 'gave up')
        })
    })
    await store()
    expect(await verdict('readable')).toMatch(/NOT_ENOUGH_SHADOWS/)
    expect(asked).toBeGreaterThan(0)
  })

  it('placement: two shadows of a sharing on one slave break "never-together"', async () => {
    const target: { slave?: never } = {}
    const { cluster, store, verdict } = await world({
      shadows: { conflicts: 'take' },
      masterNetwork: network =>
        wrapped(network, putShadow.id, async (request, ask, peer) => {
          await ask(target.slave as never, putShadow as never, request)
          return ask(peer as never, putShadow as never, request) // its receipt is the one that the record needs
        })
    })
    target.slave = cluster.slaves[0] as never
    await store()
    expect(await verdict('never-together')).toMatch(/holds two shadows/)
  })

  it('placement: a master that ignores the sites breaks "placed"', async () => {
    const policy = { slaves: 4, sites: 1, master: { minSites: 2 } }
    const { store, verdict } = await world({ master: { minSites: 1 } }, policy)
    await store()
    expect(await verdict('placed')).toMatch(/lies on 1 sites, fewer than 2/)
  })

  it('master merge: a tombstone that does not replace its record breaks "deleted"', async () => {
    const keepsRecords: Planted['records'] = {
      supersedes: (a, b) => a.record.stored !== undefined && supersedes(a, b)
    }
    const { cluster, ledger, store, verdict, pass } = await world({ records: keepsRecords })
    const entry = await store()
    await cluster.drive(cluster.owner.delete(entry.image))
    ledger.entries[0].deleted = 'yes'
    await pass(60_000)
    expect(await verdict('deleted')).toMatch(/still lists it/)
  })

  it('master merge: masters that keep the first record they heard break "converged"', async () => {
    const { cluster, store, verdict, pass } = await world({ records: { supersedes: () => false } }, { masters: 3 })
    const entry = await store()
    await pass(40_000)
    cluster.world.internet.partition([[cluster.masters[2]]])
    await cluster.drive(cluster.owner.delete(entry.image).catch(() => 0))
    cluster.world.internet.heal()
    // A new disk hears the others' present state; the old ones keep what they first heard.
    await cluster.down(cluster.masters[2])
    const { disk } = cluster.get(cluster.masters[2])
    for (const name of disk.names('record/')) disk.lose(name)
    await store()
    expect(await verdict('converged')).toMatch(/some masters only|different records/)
  })

  it('a shadow gone from a disk that no fault touched breaks "lasting", and does not when a fault did', async () => {
    const { cluster, store, verdict } = await world()
    const { holders } = await store()
    const { disk } = cluster.get(holders[0])
    for (const name of disk.names('shadow/')) disk.lose(name)
    expect(await verdict('lasting')).toMatch(/has lost 1 shadows/)
    cluster.tampered.add(holders[0])
    expect(await verdict('lasting')).toBeUndefined()
  })

  it('a search that gives nothing breaks "found"', async () => {
    const { cluster, store, verdict } = await world()
    await store()
    cluster.user.search = async () => []
    expect(await verdict('found')).toMatch(/does not find it/)
  })

  it('a shadow of a deleted image breaks "erased"', async () => {
    const { cluster, store, verdict, pass } = await world()
    const { image, holders } = await store()
    const { disk } = cluster.get(holders[0])
    const [name] = disk.names('shadow/')
    const bytes = disk.peek(name) ?? new Uint8Array()
    await cluster.drive(cluster.owner.delete(image))
    await pass(60_000)
    expect(await verdict('erased')).toBeUndefined()
    disk.write(name, bytes)
    expect(await verdict('erased')).toMatch(/that no record names/)
  })
})
