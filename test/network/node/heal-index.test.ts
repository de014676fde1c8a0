import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { compareIndex } from '../../../protocols/compare-index.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import type { MasterReport } from '../../../node/client/merge-answers.ts'
import { Owner } from '../../../node/client/owner.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

/** A store that holds what another does, but for these images: a backup, or a disk with damage. */
async function copyOf(records: MemoryRecordStore, without: readonly string[] = []): Promise<MemoryRecordStore> {
  const copy = new MemoryRecordStore()
  await copy.start()
  for (const each of await records.changes(0, 1000)) if (!without.includes(each.record.id)) await copy.put(each)
  return copy
}

const PLAIN = { peers: { beatMs: 2000 }, replication: { pullMs: 30_000 } }

describe('an index that heals', () => {
  it('a record lost behind a cursor comes back without an operator, and nothing else is transferred', async () => {
    const grid = await new HospitalGrid({ master: PLAIN }).start()
    const ids: ImageId[] = []
    for (let seed = 0; seed < 12; seed++) ids.push((await grid.run(grid.owner.role.store(picture(seed)))).id)
    await grid.pass(60_000) // both have told each other all
    const [first, second] = grid.masters
    expect(second.records.cursor(first.peer)).toEqual({ incarnation: first.records.incarnation, sequence: 12 })
    grid.kill(second)
    const damaged = await copyOf(second.records, [ids[7]])
    await damaged.moveCursor(first.peer, { incarnation: first.records.incarnation, sequence: 12 })
    let given = 0
    first.life.network.tamper = (protocol, bytes) => {
      const answer = protocol === compareIndex.id ? compareIndex.answer.decode(bytes) : undefined
      if (answer !== undefined && 'records' in answer) given += answer.records.length
      const pulled = protocol === syncRecords.id ? syncRecords.answer.decode(bytes) : undefined
      if (pulled !== undefined && 'records' in pulled) given += pulled.records.length
      return bytes
    }
    await grid.reviveMaster(1, damaged)
    await grid.when(() => damaged.size === 12)
    expect(damaged.digests.root).toBe(first.records.digests.root)
    expect(given).toBe(1)
  })

  it('both sides lack what the other has, and one a deletion: both end alike, and the deleted image stays deleted', async () => {
    const grid = await new HospitalGrid({ master: PLAIN }).start()
    const ids: ImageId[] = []
    for (let seed = 0; seed < 6; seed++) ids.push((await grid.run(grid.owner.role.store(picture(seed)))).id)
    const [first, second] = grid.masters
    const old = await copyOf(second.records, [ids[1]])
    await grid.run(grid.owner.role.delete(ids[0]))
    grid.kill(first)
    grid.kill(second)
    const other = await copyOf(first.records, [ids[2], ids[3]])
    await grid.reviveMaster(0, other)
    await grid.reviveMaster(1, old)
    await grid.when(() => other.digests.root === old.digests.root)
    expect([other.size, old.size]).toEqual([5, 5])
    expect((await old.get(ids[0]))?.record.deletion).toBeDefined()
  })

  it('a master with a new disk is noticed by its incarnation: what only it has is taken, and it gets the rest', async () => {
    const grid = await new HospitalGrid({ masters: 3, master: PLAIN }).start()
    for (let seed = 0; seed < 4; seed++) await grid.run(grid.owner.role.store(picture(seed)))
    await grid.pass(60_000)
    const [first, second, third] = grid.masters
    grid.kill(third)
    const fresh = new MemoryRecordStore() // counts anew, and soon as far as before
    await grid.reviveMaster(2, fresh)
    await grid.when(() => fresh.size === 4)
    for (let seed = 10; seed < 14; seed++) await grid.run(grid.owner.role.store(picture(seed)))
    await grid.when(() => first.records.cursor(third.peer)?.incarnation === fresh.incarnation)
    await grid.when(() => [first, second].every(({ records }) => records.digests.root === fresh.digests.root))
    expect(fresh.size).toBe(8)
  })

  it('after a restart a master goes on from its cursors: alike indexes cost one request of 16 digests', async () => {
    const grid = await new HospitalGrid({ master: PLAIN }).start()
    for (let seed = 0; seed < 4; seed++) await grid.run(grid.owner.role.store(picture(seed)))
    await grid.pass(60_000)
    const [first, second] = grid.masters
    grid.kill(second)
    const answers: string[] = []
    let bytesGiven = 0
    first.life.network.tamper = (protocol, bytes) => {
      if (protocol === compareIndex.id || protocol === syncRecords.id) {
        answers.push(protocol)
        bytesGiven += bytes.length
      }
      return bytes
    }
    await grid.reviveMaster(1)
    await grid.when(() => second.role.replicator.isCaughtUpSince(0) && answers.length > 0)
    expect(new Set(answers)).toEqual(new Set([compareIndex.id]))
    expect(bytesGiven / answers.length).toBeLessThan(1024)
  })

  it('a new master answers at once and states its coverage until it has caught up', async () => {
    const grid = await new HospitalGrid({ master: PLAIN }).start()
    for (let seed = 0; seed < 4; seed++) await grid.run(grid.owner.role.store(picture(seed)))
    await grid.pass(5000)
    grid.addMaster('new master', 'new site')
    const fresh = grid.masters[2]
    const put = fresh.records.put.bind(fresh.records)
    let release = (): void => {}
    const gate = new Promise<void>(resolve => {
      release = resolve
    })
    let puts = 0
    fresh.records.put = async record => {
      if (puts++ > 0) await gate
      return put(record)
    }
    await grid.run(fresh.role.start())
    const told: (number | undefined)[] = []
    const onReport = (reports: readonly MasterReport[]): void => {
      for (const { master, coverage } of reports) if (master === fresh.peer) told.push(coverage)
    }
    const search = () => grid.run(grid.user.role.search(picture(1), { k: 1, masters: 3, onReport }))
    await grid.when(() => fresh.records.size === 1 && fresh.role.peers.alive('master').length === 2)
    await search()
    expect(told).toEqual([250])
    expect((await grid.run(fresh.role.status())).coverage).toBe(250)
    release()
    await grid.when(() => grid.masters.slice(0, 2).every(({ peer }) => fresh.role.replicator.hasCaughtUpWith(peer)))
    await search()
    expect(told).toEqual([250, undefined])
    expect(await grid.run(fresh.role.status())).toMatchObject({ images: 4, coverage: undefined })
  })

  it('a partition with stores and deletions on both sides heals without an operator', async () => {
    const grid = new HospitalGrid({ masters: 4, slaves: 8, sites: 8, master: PLAIN })
    const other = grid.client('owner 2', ports => new Owner(ports))
    await grid.start()
    const ids = { mine: [] as ImageId[], others: [] as ImageId[] }
    for (let seed = 0; seed < 4; seed++) {
      ids.mine.push((await grid.run(grid.owner.role.store(picture(seed)))).id)
      ids.others.push((await grid.run(other.role.store(picture(seed)))).id)
    }
    const side = [...grid.masters.slice(0, 2), ...grid.slaves.slice(0, 4), grid.owner].map(({ peer }) => peer)
    grid.world.internet.partition([side])
    await grid.pass(60_000)
    for (let seed = 20; seed < 24; seed++) {
      await grid.run(grid.owner.role.store(picture(seed)))
      await grid.run(other.role.store(picture(seed)))
    }
    expect(await grid.run(grid.owner.role.delete(ids.mine[0]))).toBe(2)
    expect(await grid.run(other.role.delete(ids.others[0]))).toBe(2)
    expect(new Set(grid.masters.map(({ records }) => records.digests.root)).size).toBe(2)
    grid.world.internet.heal()
    await grid.when(() => new Set(grid.masters.map(({ records }) => records.digests.root)).size === 1)
    for (const { records } of grid.masters) {
      expect(records.size).toBe(14)
      for (const id of [ids.mine[0], ids.others[0]]) expect((await records.get(id))?.record.stored).toBeUndefined()
    }
  })
})
