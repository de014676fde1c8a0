import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import type { RebuildReport } from '../../../node/master/rebuild-index.ts'
import { RecordSeal } from '../../../node/proofs/record-seal.ts'
import { getRecords, type GetRecordsAnswer } from '../../../protocols/get-records.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

const POLICY = { threshold: { fixed: { threshold: 2, total: 3 } }, reconcileMs: 3_600_000 }

/** A network in which images are stored, with the record of each beside all its shadows; and what each image was. */
async function stored(count: number, slaves = 5) {
  const grid = await new HospitalGrid({ slaves, master: POLICY, signatures: 'ed25519' }).start()
  const images = new Map<ImageId, Uint8Array>()
  for (let n = 0; n < count; n++) {
    const bytes = picture(n, 400)
    images.set((await grid.run(grid.owner.role.store(bytes))).id, bytes)
  }
  await grid.when(async () => (await recordsOn(grid)) === 3 * count)
  return { grid, images }
}

async function recordsOn(grid: HospitalGrid): Promise<number> {
  const lists = await Promise.all(grid.slaves.map(({ shadows }) => shadows.list()))
  return lists.flat().filter(({ record }) => record !== undefined).length
}

/** The disks of all masters are gone; the first comes back on an empty one and rebuilds. */
async function rebuilt(grid: HospitalGrid, waitMs = 10_000): Promise<RebuildReport> {
  for (const master of grid.masters) grid.kill(master)
  await grid.reviveMaster(0, new MemoryRecordStore())
  return await grid.run(grid.masters[0].role.rebuildIndex({ waitMs }))
}

/** Let what a slave answers to `get-records` be another thing. */
function tamper(grid: HospitalGrid, at: number, change: (answer: GetRecordsAnswer) => GetRecordsAnswer): void {
  grid.slaves[at].life.network.tamper = (protocol, bytes) =>
    protocol === getRecords.id ? getRecords.answer.encode(change(getRecords.answer.decode(bytes))) : bytes
}

describe('every master has lost its disk', () => {
  it('the index is rebuilt from the slaves: 20 of 20 images are found again and read back bit for bit', async () => {
    const { grid, images } = await stored(20)
    const { before, missing, silent, slaves, images: found } = await rebuilt(grid)
    expect({ before, found, missing, silent, slaves: slaves.length }).toEqual({
      before: 0,
      found: 20,
      missing: [],
      silent: [],
      slaves: 5
    })
    for (const [id, bytes] of images) {
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), bytes)).toBe(0)
      expect((await grid.run(grid.user.role.search(bytes, { k: 1 })))[0].id).toBe(id)
    }
    await grid.reviveMaster(1, new MemoryRecordStore())
    await grid.when(() => grid.masters[1].records.size === 20)
  })

  it('it merges with what is there, and a second time finds nothing new', async () => {
    const { grid } = await stored(4)
    await rebuilt(grid)
    const again = await grid.run(grid.masters[0].role.rebuildIndex({ waitMs: 0 }))
    expect(again).toMatchObject({ before: 4, images: 4, missing: [], silent: [] })
  })

  it('says which slave was silent and which image has shadows but no record', async () => {
    const { grid, images } = await stored(3, 4)
    const [lost] = images.keys()
    for (const { shadows } of grid.slaves) {
      const get = shadows.getRecord.bind(shadows)
      shadows.getRecord = async key => (key.image === lost ? undefined : get(key))
    }
    grid.kill(grid.slaves[0])
    const report = await rebuilt(grid)
    expect(report.silent.map(({ slave }) => slave)).toEqual([grid.slaves[0].peer])
    expect(report.missing).toEqual([{ image: lost, reason: 'SHADOW_MISSING' }])
    expect(report.images).toBe(2)
  })

  it('slaves that give altered bytes, or the record of another image, cost nothing but their own copies', async () => {
    const { grid, images } = await stored(6)
    tamper(grid, 0, ({ records }) => ({
      records: records.map(each => ({ ...each, sealed: each.sealed.map(byte => byte ^ 1) }))
    }))
    tamper(grid, 1, ({ records }) => ({ records: records.map(each => ({ ...each, sealed: records[0].sealed })) }))
    tamper(grid, 2, ({ records }) => ({ records: [...records, ...records] }))
    const report = await rebuilt(grid)
    expect(report.silent).toEqual([{ slave: grid.slaves[2].peer, reason: 'MESSAGE_INVALID' }])
    for (const { reason } of report.missing) expect(reason).toBe('KEY_WRONG')
    expect(report.images + report.missing.length).toBeGreaterThanOrEqual(5)
    for (const { record } of await grid.masters[0].records.list(undefined, 100)) {
      const bytes = await grid.run(grid.user.role.fetch(record.id))
      expect(Buffer.compare(bytes, images.get(record.id) ?? new Uint8Array())).toBe(0)
    }
  })

  it('a record that a lying master sealed without the signatures it names is told of, and not taken', async () => {
    const { grid, images } = await stored(2)
    const [id] = images.keys()
    const held = await grid.masters[0].records.get(id)
    if (held?.record.stored === undefined) throw new Error('not stored')
    const { stored: was } = held.record
    const claim = { ...was.claim, metadata: new Uint8Array([1]) }
    const sealed = new RecordSeal(grid.keys.thresholdKey).seal(
      encodedRecord({ ...held.record, stored: { ...was, claim } })
    )
    const by = was.version.master
    for (const { shadows } of grid.slaves) {
      const [entry] = await shadows.list({ image: id })
      if (entry !== undefined) await shadows.putRecord(entry, sealed, { ...entry, by })
    }
    const report = await rebuilt(grid)
    expect(report).toMatchObject({ images: 1, missing: [{ image: id, reason: 'SIGNATURE_INVALID' }] })
  })
})

describe('a master that was away learns from slaves', () => {
  it('though no other master lives, it has what it missed once it has compared their lists', async () => {
    const grid = await new HospitalGrid({ master: { ...POLICY, reconcileMs: 20_000 } }).start()
    grid.kill(grid.masters[1])
    for (let n = 0; n < 5; n++) await grid.run(grid.owner.role.store(picture(n, 300)))
    grid.kill(grid.masters[0])
    await grid.reviveMaster(1)
    await grid.when(() => grid.masters[1].records.size === 5)
    expect(await grid.run(grid.masters[1].role.status())).toMatchObject({ images: 5, behind: false, unknownShadows: 0 })
  })

  it('what it knows to be deleted stays deleted, whatever lies beside a shadow of a slave that was away', async () => {
    const { grid, images } = await stored(2)
    const [id, other] = images.keys()
    const held = await grid.masters[0].records.get(id)
    const holder = held?.record.stored?.placement.holders[0].slave
    const at = grid.slaves.findIndex(({ peer }) => peer === holder)
    grid.kill(grid.slaves[at])
    await grid.when(() => grid.masters.every(({ role }) => role.peers.standing(grid.slaves[at].peer) !== 'alive'))
    await grid.run(grid.owner.role.delete(id))
    const drop = grid.slaves[at].shadows.drop
    grid.slaves[at].shadows.drop = async () => false // it keeps what it should drop
    await grid.reviveSlave(at)
    const report = await grid.run(grid.masters[0].role.rebuildIndex({ waitMs: 10_000 }))
    expect(report).toMatchObject({ images: 1, missing: [] })
    for (const { records } of grid.masters) {
      expect((await records.get(id))?.record.stored).toBeUndefined()
      expect((await records.get(other))?.record.stored).toBeDefined()
    }
    grid.slaves[at].shadows.drop = drop
  })
})

describe('too few slaves', () => {
  it('one of three is away and (2, 3) is asked for: the error says how many, how many are needed, and which site is silent', async () => {
    const grid = await new HospitalGrid({ slaves: 3, sites: 3, master: POLICY }).start()
    grid.kill(grid.slaves[2])
    await grid.when(() => grid.masters.every(({ role }) => role.peers.standing(grid.slaves[2].peer) === 'dead'))
    const error = await grid.run(grid.owner.role.store(picture(1)).catch(thrown => thrown))
    const site = grid.masters[0].role.peers.get(grid.slaves[2].peer)?.member.site
    expect(error.code).toBe('NOT_ENOUGH_SLAVES')
    expect(error.detail).toMatchObject({ have: 2, need: 3, known: 3, away: 1, full: 0 })
    expect(error.message).toContain(`1 do not answer (${site})`)
  })
})
