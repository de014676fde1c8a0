import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import { Owner } from '../../../node/client/owner.ts'
import { firstBytesHasher } from '../../../sim/cluster/cluster.ts'
import { exampleKey, exampleShadow, ORIGIN } from '../../contract/example-shadow.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

describe('a master that stores', () => {
  it('a code of another view than the index keeps is refused with MODEL_MISMATCH', async () => {
    const grid = await new HospitalGrid({ master: { space: firstBytesHasher.space } }).start()
    const hasher = { ...firstBytesHasher, space: { ...firstBytesHasher.space, view: 'd'.repeat(64) } }
    const other = grid.client('owner other', ports => new Owner({ ...ports, hasher }))
    expect(await grid.codeOf(other.role.store(picture(1)))).toBe('MODEL_MISMATCH')
    expect(await grid.codeOf(grid.owner.role.store(picture(1)))).toBe('none')
  })

  it('all slaves at one site, two asked for: NOT_ENOUGH_SLAVES, and no shadow is left', async () => {
    const grid = await new HospitalGrid({ sites: 1, master: { minSites: 2 } }).start()
    expect(await grid.codeOf(grid.owner.role.store(picture(1)))).toBe('NOT_ENOUGH_SLAVES')
    expect(await grid.shadowCount()).toBe(0)
  })

  it('no master can keep the record: the store fails, and its shadows are collected', async () => {
    const grid = await new HospitalGrid({ master: { reconcileMs: 30_000 } }).start()
    for (const { records } of grid.masters) {
      records.put = async () => {
        throw new NetError('STORE_FULL', 'the disk is full')
      }
    }
    expect(await grid.codeOf(grid.owner.role.store(picture(1)))).toBe('STORE_FULL')
    expect(await grid.shadowCount()).toBeGreaterThan(0)
    await grid.when(async () => (await grid.shadowCount()) === 0)
  })
})

const GRACE_MS = 600_000

describe('a master that compares shadows with its index', () => {
  it('leaves a shadow of which no index knows, however long', async () => {
    const grid = await new HospitalGrid({ master: { orphanGraceMs: GRACE_MS, reconcileMs: 20_000 } }).start()
    const [{ shadows }] = grid.slaves
    await shadows.put(exampleKey(1), exampleShadow(1), ORIGIN)
    await grid.pass(3 * GRACE_MS)
    expect(await shadows.list()).toHaveLength(1)
  })

  it('notes as lost, unread, what a slave no longer holds, and what it holds with other bytes', async () => {
    const grid = await new HospitalGrid({
      slaves: 4,
      master: { threshold: { fixed: { threshold: 2, total: 4 } }, repair: { atOnce: 0 } }
    }).start()
    const health = async () => {
      for (const { role } of grid.masters) for (const { peer } of grid.slaves) await grid.run(role.reconcile(peer))
      await grid.pass(60_000)
      const { healthy, degraded, unreadable } = await grid.run(grid.user.role.status())
      return { healthy, degraded, unreadable }
    }
    await grid.run(grid.owner.role.store(picture(1)))
    expect(await health()).toEqual({ healthy: 1, degraded: 0, unreadable: 0 })
    const lose = async (at: number) => {
      const { shadows } = grid.slaves[at]
      const [entry] = await shadows.list()
      await shadows.drop(entry, { reason: 'deleted', time: 0 })
      return { shadows, entry }
    }
    await lose(0)
    expect(await health()).toEqual({ healthy: 0, degraded: 1, unreadable: 0 })
    for (const at of [1, 2]) {
      const { shadows, entry } = await lose(at)
      await shadows.put(entry, exampleShadow(at, entry.bytes), entry)
    }
    expect(await health()).toEqual({ healthy: 0, degraded: 0, unreadable: 1 })
  })
})
