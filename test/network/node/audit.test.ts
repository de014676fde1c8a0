import { describe, expect, it } from 'vitest'
import { sleep } from '../../../base/clock.ts'
import type { ImageId, PeerId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import type { JudgedImage } from '../../../node/client/verify-images.ts'
import { type AuditShadowRequest, auditShadow } from '../../../protocols/audit-shadow.ts'
import type { Network } from '../../../protocols/network.ts'
import { waitUntil } from '../../../sim/cluster/wait-until.ts'
import { VirtualCluster } from '../../../sim/virtual/virtual-cluster.ts'
import { SHADOW_FILES } from '../../../sim/virtual/shadow-file-names.ts'

const HOUR_MS = 3_600_000
const PERIOD_MS = 20 * 60_000
const TOTAL = 5
const SPEC = { seed: 'audit', masters: 2, slaves: 5, sites: 5, crypto: 'reference' } as const

interface Asked extends AuditShadowRequest {
  readonly master: PeerId
  readonly slave: PeerId
}

/** A cluster with some images, each split over all slaves, and every audit that a master asks for. */
async function stored({ images = 8, threshold = 3, bytes = 2000 } = {}) {
  const asked: Asked[] = []
  const watched = (network: Network): Network => {
    const request: Network['request'] = (slave, protocol, value, options) => {
      if (protocol.id === auditShadow.id) asked.push({ ...(value as Asked), master: network.self, slave })
      return network.request(slave, protocol, value, options)
    }
    return new Proxy(network, {
      get: (target, name: keyof Network) => {
        const found = name === 'request' ? request : target[name]
        return typeof found === 'function' ? found.bind(target) : found
      }
    })
  }
  const repair = { margin: 0 } // what is found must stay to be seen: with four of five nothing is shared anew
  const master = { auditPeriodMs: PERIOD_MS, reconcileMs: 60_000, repair }
  const spec = { ...SPEC, threshold: { fixed: { threshold, total: TOTAL } }, master }
  const cluster = new VirtualCluster(spec, { planted: { master, masterNetwork: watched } })
  await cluster.start()
  const ids: ImageId[] = []
  for (let n = 0; n < images; n++) {
    const image = seededRandom(`audit ${n}`).fill(new Uint8Array(bytes))
    ids.push((await cluster.drive(cluster.owner.store(image))).id)
  }
  const pass = (ms: number): Promise<void> => cluster.drive(sleep(cluster.clock, ms))
  const statuses = () => cluster.drive(Promise.all(cluster.liveMasters().map(each => each.status())))
  const all = async (deep: boolean): Promise<JudgedImage[]> => {
    const images: JudgedImage[] = []
    for await (const image of cluster.user.verify({ deep })) images.push(image)
    return images
  }
  const verify = (deep: boolean): Promise<JudgedImage[]> => cluster.drive(all(deep))
  return { cluster, ids: ids.sort(), asked, pass, statuses, verify }
}

/** Flip a bit of every shadow on a slave's disk. */
function damage(cluster: VirtualCluster, slave: PeerId): void {
  const { disk } = cluster.get(slave)
  for (const name of disk.names(SHADOW_FILES)) {
    const bytes = disk.peek(name) ?? new Uint8Array()
    disk.write(name, bytes.with(bytes.length - 1, bytes[bytes.length - 1] ^ 1))
  }
}

describe('three of five slaves whose disks spoilt every shadow (seed audit)', () => {
  it('verify --deep tells it at once, shadow by shadow, and status and verify say the same from then on', async () => {
    const { cluster, ids, statuses, verify } = await stored()
    expect((await verify(true)).map(({ image, state, faults }) => ({ image, state, faults }))).toEqual(
      ids.map(image => ({ image, state: 'healthy', faults: [] }))
    )
    const bad = cluster.slaves.slice(0, 3)
    for (const slave of bad) damage(cluster, slave)
    expect((await statuses())[0]).toMatchObject({ healthy: 8, auditFailures: 0 })
    for (const { state, total, faults } of await verify(true)) {
      expect({ state, total }).toEqual({ state: 'unreadable', total: TOTAL })
      expect(faults.map(({ slave }) => slave).sort()).toEqual([...bad].sort())
      expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(['wrong']))
    }
    expect((await verify(false)).map(({ state }) => state)).toEqual(ids.map(() => 'unreadable'))
    const seen = await statuses()
    expect(seen.filter(({ unreadable }) => unreadable === 8).length).toBeGreaterThanOrEqual(1)
  })

  it('within an audit period every master knows it, and status tells the truth', async () => {
    const { cluster, pass, statuses } = await stored()
    for (const slave of cluster.slaves.slice(0, 3)) damage(cluster, slave)
    await pass(PERIOD_MS + 120_000)
    expect(await statuses()).toMatchObject([
      { images: 8, healthy: 0, degraded: 0, unreadable: 8 },
      { images: 8, healthy: 0, degraded: 0, unreadable: 8 }
    ])
    const failures = (await statuses()).map(({ auditFailures }) => auditFailures)
    expect(failures[0] + failures[1]).toBeGreaterThanOrEqual(24)
  })
})

describe('auditing', () => {
  it('asks for every shadow once in a period, the masters sharing the images; when one is gone the other asks for all', async () => {
    const { cluster, ids, asked, pass } = await stored({ images: 24 })
    asked.length = 0
    await pass(PERIOD_MS)
    const count = (image: ImageId): number => asked.filter(each => each.image === image).length
    expect(ids.map(count)).toEqual(ids.map(() => TOTAL))
    expect(new Set(asked.map(({ master }) => master)).size).toBe(2)
    await cluster.drive(cluster.down(cluster.masters[0]))
    await pass(120_000)
    asked.length = 0
    await pass(PERIOD_MS)
    expect(ids.map(count)).toEqual(ids.map(() => TOTAL))
    expect(new Set(asked.map(({ master }) => master))).toEqual(new Set([cluster.masters[1]]))
  })

  it('draws the leaves anew each time: 24 audits of one image ask for leaves that cannot be foreseen', async () => {
    const { asked, verify, cluster } = await stored({ images: 1, bytes: 200_000 })
    asked.length = 0
    for (let n = 0; n < 24; n++) await verify(true)
    const ofOne = asked.filter(({ slave }) => slave === cluster.slaves[0]).map(({ leaves }) => leaves.join())
    expect(ofOne).toHaveLength(24)
    expect(new Set(ofOne).size).toBeGreaterThan(20)
    expect(new Set(ofOne.flatMap(each => each.split(','))).size).toBeGreaterThan(12)
  })

  it('silence is no failure: a slave that is away for a period, and hangs for another, has lost nothing and no trust', async () => {
    const { cluster, pass, statuses } = await stored()
    const [slave, hung] = cluster.slaves
    await cluster.drive(cluster.down(slave))
    const network = cluster.get(hung).life?.network
    if (network === undefined) throw new Error('no network')
    cluster.close(hung)
    await pass(PERIOD_MS)
    await cluster.drive(cluster.up(slave))
    cluster.open(hung)
    const isBack = async () =>
      (await Promise.all(cluster.liveMasters().map(each => each.status()))).every(each => each.healthy === 8)
    await cluster.drive(waitUntil(isBack, { clock: cluster.clock, limitMs: HOUR_MS, late: 'not all healthy again' }))
    expect(await statuses()).toMatchObject([{ auditFailures: 0 }, { auditFailures: 0 }])
    for (const master of cluster.liveMasters()) {
      for (const peer of [slave, hung]) expect(master.peers.get(peer)?.strikes).toBe(0)
    }
  })

  it('a slave that lists all and shows altered leaves is found out; its list does not make up for it, a true answer does', async () => {
    const { cluster, pass, verify } = await stored()
    const [slave] = cluster.slaves
    const network = cluster.get(slave).life?.network
    if (network === undefined) throw new Error('no network')
    network.tamper = (protocol, answer) => (protocol === auditShadow.id ? answer.with(300, answer[300] ^ 1) : answer)
    for (const { faults } of await verify(true)) expect(faults).toMatchObject([{ slave, fault: 'wrong' }])
    await pass(10 * 60_000) // ten comparisons of its list
    const worst = async () => {
      const all = await cluster.drive(Promise.all(cluster.liveMasters().map(each => each.status())))
      return Math.max(...all.map(({ degraded }) => degraded))
    }
    expect(await worst()).toBe(8)
    network.tamper = undefined
    for (const { state } of await verify(true)) expect(state).toBe('healthy')
  })

  it('another leaf than the one drawn, with its true path, is wrong', async () => {
    const { cluster, verify } = await stored({ images: 1, bytes: 200_000 })
    const [slave] = cluster.slaves
    const network = cluster.get(slave).life?.network
    if (network === undefined) throw new Error('no network')
    network.tamper = (protocol, answer) => {
      if (protocol !== auditShadow.id) return answer
      const { leaves } = auditShadow.answer.decode(answer)
      return auditShadow.answer.encode({ leaves: leaves.map(() => leaves[0]) })
    }
    const [{ faults }] = await verify(true)
    expect(faults).toMatchObject([{ slave, fault: 'wrong' }])
  })

  it('verify names a slave that is away as silent, and the images degraded', async () => {
    const { cluster, verify } = await stored()
    const [slave] = cluster.slaves
    await cluster.drive(cluster.down(slave))
    for (const { state, faults } of await verify(false)) {
      expect(state).toBe('degraded')
      expect(faults).toMatchObject([{ slave, fault: 'silent' }])
    }
  })
})
