import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import type { ImageId, SharingId } from '../../../base/ids.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { ORIGIN } from '../../contract/example-shadow.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'
import { signedBy } from './signed-by.ts'

const GRACE_MS = 60_000
const LONG_AGO = { ...ORIGIN, asked: 0 }
const MASTER = { orphanGraceMs: GRACE_MS, reconcileMs: 10_000, threshold: { fixed: { threshold: 2, total: 3 } } }

const trashed = async (grid: HospitalGrid): Promise<string[]> =>
  (await Promise.all(grid.slaves.map(({ shadows }) => shadows.listTrash()))).flat().map(({ reason }) => reason)

/** A network in which an image is stored, and a record of a later sharing of it. */
async function replaced(masters: number) {
  const grid = await new HospitalGrid({ masters, master: MASTER }).start()
  const sealed = await grid.run(grid.owner.role.seal(picture(1)))
  const { id } = await grid.run(grid.owner.role.send(sealed))
  const time = (await grid.masters[0].records.get(id))?.record.stored?.claim.time ?? 0
  const placement = { sharing: 'abababababababab' as SharingId }
  const { signer } = grid.masters[0].life
  const later = signedBy(grid, sealed, { claim: { time: time + 1, master: signer.self }, placement, master: signer })
  return { grid, id, later }
}

describe('a master whose index is lost, and slaves that keep no records', () => {
  for (const [what, kept] of [
    ['an empty records folder', 0],
    ['a backup with 4 of 12 images', 4]
  ] as const) {
    it(`a sole master on ${what}: in 540 comparisons, 90 times the grace, nothing is dropped, and it says that it is behind`, async () => {
      const facts: string[] = []
      const grid = await new HospitalGrid({ masters: 1, master: MASTER, log: fact => facts.push(fact) }).start()
      for (const { shadows } of grid.slaves) {
        shadows.putRecord = async () =>
          Promise.reject(new NetError('STORE_FULL', 'slaves of an older release keep none'))
      }
      const backup = new MemoryRecordStore()
      await backup.start()
      for (let n = 0; n < 12; n++) {
        const { id } = await grid.run(grid.owner.role.store(picture(n, 300)))
        const record = await grid.masters[0].records.get(id)
        if (n < kept && record !== undefined) await backup.put(record)
      }
      await backup.stop()
      expect(await grid.shadowCount()).toBe(36)
      grid.kill(grid.masters[0])
      await grid.reviveMaster(0, backup)
      await grid.when(async () => (await grid.run(grid.masters[0].role.status())).behind)
      await grid.pass(90 * 60_000)
      expect(await grid.shadowCount()).toBe(36)
      expect(await trashed(grid)).toEqual([])
      const status = await grid.run(grid.masters[0].role.status())
      expect(status).toMatchObject({ images: kept, unknownShadows: 3 * (12 - kept), behind: true })
      expect(facts.filter(fact => fact.includes('index is behind'))).toHaveLength(1)
    })
  }

  it('one slave of five that lists what nobody stored does not make a master doubt its index', async () => {
    const grid = await new HospitalGrid({ masters: 1, master: MASTER }).start()
    await grid.run(grid.owner.role.store(picture(1)))
    const [{ shadows }] = grid.slaves
    for (let n = 0; n < 20; n++) await shadows.put(strange(n), new Uint8Array(9), LONG_AGO)
    await grid.pass(2 * GRACE_MS)
    for (const { peer } of grid.slaves) await grid.run(grid.masters[0].role.reconcile(peer))
    expect(await grid.run(grid.masters[0].role.status())).toMatchObject({ unknownShadows: 20, behind: false })
  })
})

describe('comparing shadows with the index', () => {
  it('shadows of a replaced sharing go after the grace, as replaced, and not before', async () => {
    const { grid, later } = await replaced(1)
    await grid.masters[0].records.put(later)
    for (const { peer } of grid.slaves) await grid.run(grid.masters[0].role.reconcile(peer))
    await grid.pass(GRACE_MS / 2)
    for (const { peer } of grid.slaves) await grid.run(grid.masters[0].role.reconcile(peer))
    expect(await grid.shadowCount()).toBe(3)
    await grid.when(async () => (await grid.shadowCount()) === 0)
    expect(await trashed(grid)).toEqual(['replaced', 'replaced', 'replaced'])
  })

  it('shadows of a replaced sharing stay while another master was not caught up with', async () => {
    const { grid, later } = await replaced(2)
    grid.kill(grid.masters[1])
    await grid.masters[0].records.put(later)
    await grid.pass(20 * GRACE_MS)
    expect(await grid.shadowCount()).toBe(3)
    await grid.reviveMaster(1)
    await grid.when(async () => (await grid.shadowCount()) === 0)
  })

  it('a shadow with another digest counts as lost', async () => {
    const grid = await new HospitalGrid({ masters: 1, master: MASTER }).start()
    const { holders } = await grid.run(grid.owner.role.store(picture(1)))
    const holder = grid.slaves.find(({ peer }) => peer === holders[0])
    const list = holder?.shadows.list.bind(holder.shadows)
    if (holder !== undefined && list !== undefined) {
      holder.shadows.list = async query => (await list(query)).map(entry => ({ ...entry, digest: '0'.repeat(64) }))
    }
    for (const { peer } of grid.slaves) await grid.run(grid.masters[0].role.reconcile(peer))
    expect(await grid.run(grid.masters[0].role.status())).toMatchObject({ healthy: 0, degraded: 1 })
  })

  it('a shadow behind 1,100 others is compared too: its image was deleted, and it goes', async () => {
    const grid = await new HospitalGrid({ masters: 1, master: MASTER }).start()
    const { id, holders } = await grid.run(grid.owner.role.store(picture(1)))
    const at = grid.slaves.findIndex(({ peer }) => peer === holders[0])
    const { shadows } = grid.slaves[at]
    for (let n = 0; n < 1100; n++) await shadows.put(strange(n), new Uint8Array(9), LONG_AGO)
    grid.kill(grid.slaves[at])
    await grid.run(grid.owner.role.delete(id))
    await grid.reviveSlave(at)
    await grid.when(async () => (await shadows.list({ image: id })).length === 0)
    expect(await shadows.listTrash()).toMatchObject([{ image: id, reason: 'deleted' }])
    expect((await shadows.usage()).shadows).toBe(1100)
  })

  it('what a master that was killed in a store had put goes once it lives again, and nothing else', async () => {
    const grid = await new HospitalGrid({ masters: 1, slaves: 3, master: MASTER }).start()
    await grid.run(grid.owner.role.store(picture(1)))
    const [master] = grid.masters
    const put = master.records.put.bind(master.records)
    master.records.put = async () => {
      grid.kill(master)
      return await new Promise<never>(() => {})
    }
    expect(await grid.codeOf(grid.owner.role.store(picture(2)))).not.toBe('none')
    master.records.put = put
    expect(await grid.shadowCount()).toBe(6)
    await grid.reviveMaster(0)
    await grid.when(async () => (await grid.shadowCount()) === 3)
    expect(await trashed(grid)).toEqual(['aborted', 'aborted', 'aborted'])
    await grid.pass(20 * GRACE_MS)
    expect(await grid.shadowCount()).toBe(3)
  })

  it('a store that fails leaves nothing, though a slave answers its drops too late', async () => {
    const grid = await new HospitalGrid({ masters: 1, slaves: 4, master: MASTER }).start()
    for (const { shadows } of grid.slaves.slice(0, 2)) {
      shadows.put = async () => Promise.reject(new TypeError('broken'))
    }
    const [, , { shadows }] = grid.slaves
    const drop = shadows.drop.bind(shadows)
    let isSlow = true
    shadows.drop = async (key, how) => {
      if (isSlow) return await new Promise<never>(() => {})
      return drop(key, how)
    }
    expect(await grid.codeOf(grid.owner.role.store(picture(1)))).toBe('NOT_ENOUGH_SLAVES')
    expect(await grid.shadowCount()).toBeGreaterThan(0)
    isSlow = false
    await grid.when(async () => (await grid.shadowCount()) === 0)
    expect(new Set(await trashed(grid))).toEqual(new Set(['aborted']))
  })
})

function strange(n: number) {
  return {
    image: n.toString(16).padStart(64, '0') as ImageId,
    sharing: '1'.repeat(16) as SharingId,
    number: 1 as never
  }
}
