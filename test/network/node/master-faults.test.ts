import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import { encodeRecord } from '../../../indexing/encode-record.ts'
import { tombstoneOf } from '../../../indexing/encoded-record.ts'
import type { ImageRecord, Stored } from '../../../indexing/image-record.ts'
import { signDeletion } from '../../../node/proofs/sign-proof.ts'
import { putImage } from '../../../protocols/put-image.ts'
import { putRecord } from '../../../protocols/put-record.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'
import { claimOf } from './signed-by.ts'

describe('masters fail', () => {
  it('1 of 2 masters down: search and fetch go on', async () => {
    const grid = await new HospitalGrid().start()
    const image = picture(1)
    const { id } = await grid.run(grid.owner.role.store(image, { name: 'one' }))
    grid.kill(grid.masters[0])
    expect((await grid.run(grid.user.role.search(image, { k: 1 })))[0].id).toBe(id)
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), image)).toBe(0)
  })

  it('1 of 2 masters hung: search and fetch end within 6 s of virtual time', async () => {
    const grid = await new HospitalGrid().start()
    const image = picture(1)
    const { id } = await grid.run(grid.owner.role.store(image))
    grid.masters[1].life.freeze()
    for (let i = 0; i < 4; i++) {
      const began = grid.world.loop.now
      expect((await grid.run(grid.user.role.search(image, { k: 1 })))[0].id).toBe(id)
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), image)).toBe(0)
      expect(grid.world.loop.now - began).toBeLessThan(6000)
    }
  })

  it('1 of 2 masters down: stores go on, each with the notes of all its slaves; a delete ends with NOT_ENOUGH_MASTERS', async () => {
    const grid = await new HospitalGrid({ signatures: 'ed25519' }).start()
    const { id, masters, notes } = await grid.run(grid.owner.role.store(picture(1)))
    expect([masters, notes]).toEqual([2, 0])
    grid.kill(grid.masters[1])
    for (let n = 2; n < 5; n++) {
      const stored = await grid.run(grid.owner.role.store(picture(n)))
      expect([stored.masters, stored.notes]).toEqual([1, stored.total])
    }
    expect(await grid.codeOf(grid.owner.role.delete(id))).toBe('NOT_ENOUGH_MASTERS')
    expect(grid.masters[0].records.size).toBe(4)
    await grid.reviveMaster(1)
    await grid.when(() => grid.masters[1].records.size === 4)
    expect(await grid.run(grid.owner.role.delete(id))).toBe(2)
  })

  it('1 of 2 masters down, and a slave that signs for no record: NOT_ENOUGH_MASTERS, which says what is missing', async () => {
    const grid = await new HospitalGrid({ slaves: 3 }).start()
    grid.kill(grid.masters[1])
    grid.slaves[0].life.network.tamper = (protocol, bytes) =>
      protocol === putRecord.id ? putRecord.answer.encode({ note: new Uint8Array(64) }) : bytes
    const error = await grid.run(grid.owner.role.store(picture(1)).catch(thrown => thrown))
    expect(error.code).toBe('NOT_ENOUGH_MASTERS')
    expect(error.detail).toMatchObject({ have: 1, need: 2, notes: 2, total: 3 })
    grid.slaves[0].life.network.tamper = undefined
    expect(await grid.codeOf(grid.owner.role.store(picture(2)))).toBe('none')
  })

  it('after a store every holder has the record beside its shadow, and what a slave lost is put again', async () => {
    const grid = await new HospitalGrid({ master: { reconcileMs: 30_000 } }).start()
    const { holders } = await grid.run(grid.owner.role.store(picture(1)))
    const beside = async () => (await Promise.all(grid.slaves.map(({ shadows }) => shadows.list()))).flat()
    await grid.when(async () => (await beside()).every(({ record }) => record !== undefined))
    expect(new Set((await beside()).map(({ record }) => record?.digest)).size).toBe(1)
    const holder = grid.slaves.find(({ peer }) => peer === holders[0])
    const [entry] = (await holder?.shadows.list()) ?? []
    const shadow = (await holder?.shadows.get(entry)) ?? new Uint8Array()
    await holder?.shadows.drop(entry, { reason: 'aborted', time: 1 })
    await holder?.shadows.put(entry, shadow, entry)
    expect((await holder?.shadows.find(entry))?.record).toBeUndefined()
    await grid.when(async () => (await beside()).every(({ record }) => record !== undefined))
  })

  it('a second master that refuses the record: the store stands on this one and its slaves', async () => {
    const grid = await new HospitalGrid().start()
    const [first, second] = grid.masters
    second.records.put = async () => {
      throw new NetError('STORE_FULL', 'full')
    }
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const request = { claim: claimOf(grid, sealed, first.peer), encrypted: sealed.encrypted }
    const put = grid.owner.life.network.request(first.peer, putImage, request)
    const answer = await grid.run(put)
    expect(answer.kept.map(({ master }) => master)).toEqual([first.peer])
    expect(answer.beside?.notes).toHaveLength(await grid.shadowCount())
    expect(first.records.size).toBe(1)
  })

  it('a second master that takes the record and signs for nothing has not kept it', async () => {
    const grid = await new HospitalGrid().start()
    const [first, second] = grid.masters
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    second.life.network.tamper = (protocol, bytes) => {
      if (protocol !== syncRecords.id) return bytes
      const answer = syncRecords.answer.decode(bytes)
      return syncRecords.answer.encode('kept' in answer ? { ...answer, kept: [new Uint8Array(64)] } : answer)
    }
    const request = { claim: claimOf(grid, sealed, first.peer), encrypted: sealed.encrypted }
    const put = grid.owner.life.network.request(first.peer, putImage, request)
    expect((await grid.run(put)).kept.map(({ master }) => master)).toEqual([first.peer])
  })

  it('1 of 3 masters down: stores go on, acknowledged with 2; it catches up when it is back', async () => {
    const grid = await new HospitalGrid({ masters: 3 }).start()
    grid.kill(grid.masters[2])
    for (let i = 0; i < 5; i++) {
      const { masters } = await grid.run(grid.owner.role.store(picture(i)))
      expect(masters).toBe(2)
    }
    expect(grid.masters[2].records.size).toBe(0)
    await grid.reviveMaster(2)
    await grid.when(() => grid.masters[2].records.size === 5)
  })

  it('a master alone: stores are acknowledged with 1; a second one that joins takes over the index', async () => {
    const grid = await new HospitalGrid({ masters: 1 }).start()
    for (let i = 0; i < 3; i++) expect((await grid.run(grid.owner.role.store(picture(i)))).masters).toBe(1)
    grid.addMaster('master 1', 'master site 1')
    await grid.run(grid.masters[1].role.start())
    await grid.when(() => grid.masters[1].records.size === 3)
    expect((await grid.run(grid.owner.role.store(picture(9)))).masters).toBe(2)
  })

  it('the storing master is killed in the middle: the owner stores the same bytes at the other, nothing stays twice', async () => {
    const grid = await new HospitalGrid({
      masters: 3,
      master: { orphanGraceMs: 60_000, reconcileMs: 30_000 }
    }).start()
    let puts = 0
    for (const { shadows } of grid.slaves) {
      const put = shadows.put.bind(shadows)
      shadows.put = async (...given) => {
        await put(...given)
        if (++puts === 2) for (const master of grid.masters) if (master.role.storing > 0) grid.kill(master)
      }
    }
    const image = picture(1)
    const { id, total } = await grid.run(grid.owner.role.store(image))
    expect(puts).toBeGreaterThan(total)
    expect(grid.masters.filter(({ life }) => !life.network.alive)).toHaveLength(1)
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), image)).toBe(0)
    const dead = grid.masters.findIndex(({ life }) => !life.network.alive)
    await grid.reviveMaster(dead)
    await grid.when(async () => (await grid.shadowCount()) === total)
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), image)).toBe(0)
  })

  it('the same encrypted image sent to every master at once is stored once, and its losing shadows are collected', async () => {
    const grid = await new HospitalGrid({ master: { orphanGraceMs: 60_000, reconcileMs: 30_000 } }).start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const answers = await grid.run(Promise.all([1, 2, 3, 4].map(() => grid.owner.role.send(sealed))))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    const again = await grid.run(grid.owner.role.send(sealed))
    await grid.when(async () => (await grid.shadowCount()) === again.total)
    expect(grid.masters.map(({ records }) => records.size)).toEqual([1, 1])
    expect(await grid.run(grid.user.role.status())).toMatchObject({ images: 1, healthy: 1 })
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(sealed.id)), picture(1))).toBe(0)
  })

  it('a record with an altered holder, owner or master signature is refused and changes nothing', async () => {
    const grid = await new HospitalGrid().start()
    const { id } = await grid.run(grid.owner.role.store(picture(1)))
    const held = await grid.masters[0].records.get(id)
    if (held?.record.stored === undefined) throw new Error('not stored')
    const { stored } = held.record
    const signature = new Uint8Array(64)
    const other = (change: Partial<Stored>): ImageRecord => ({ ...held.record, stored: { ...stored, ...change } })
    const [one, ...others] = stored.placement.holders
    const claim = { ...stored.claim, time: stored.claim.time + 1 }
    const forged: [string, ImageRecord][] = [
      ['SIGNATURE_INVALID', other({ claim })],
      ['SIGNATURE_INVALID', other({ claim, masterSignature: signature })],
      ['SIGNATURE_INVALID', other({ claim: { ...claim, ownerSignature: signature } })],
      [
        'SIGNATURE_INVALID',
        other({ claim, placement: { ...stored.placement, holders: [{ ...one, bytes: 9 }, ...others] } })
      ]
    ]
    const [{ life }, second] = grid.masters
    for (const [code, record] of forged) {
      const push = life.network.request(second.peer, syncRecords, { push: [encodeRecord(record)] })
      expect(await grid.codeOf(push)).toBe(code)
    }
    expect((await second.records.get(id))?.encoded).toEqual(held.encoded)
  })
})

describe('deletion', () => {
  it('is final: gone from both masters and all slaves, also from one that was away, and the same bytes are not taken again', async () => {
    const grid = await new HospitalGrid().start()
    const image = picture(1)
    const sealed = await grid.run(grid.owner.role.seal(image))
    const { id, holders } = await grid.run(grid.owner.role.send(sealed))
    const away = grid.slaves.findIndex(({ peer }) => peer === holders[0])
    grid.kill(grid.slaves[away])
    await grid.when(() => grid.masters.every(({ role }) => role.peers.standing(holders[0]) !== 'alive'))
    expect(await grid.run(grid.owner.role.delete(id))).toBe(2)
    expect(await grid.shadowCount()).toBe(1)
    await grid.reviveSlave(away)
    await grid.when(async () => (await grid.shadowCount()) === 0)
    expect(await grid.codeOf(grid.user.role.fetch(id))).toBe('IMAGE_NOT_FOUND')
    expect(await grid.run(grid.user.role.search(image, { k: 5 }))).toEqual([])
    expect(await grid.codeOf(grid.owner.role.send(sealed))).toBe('NOT_PERMITTED')
    expect(await grid.run(grid.owner.role.delete(id))).toBe(2)
    expect(await grid.shadowCount()).toBe(0)
  })

  it('two deletions of one image, each told to another master first, end as the earlier one at all three', async () => {
    for (const [first, second] of [
      [1, 2],
      [2, 1]
    ]) {
      const grid = await new HospitalGrid({ masters: 3 }).start()
      const { id, digest } = await grid.run(grid.owner.role.seal(picture(1)))
      const tell = (time: number, to: number): Promise<unknown> => {
        const { encoded } = tombstoneOf(signDeletion({ id, digest, time }, grid.owner.life.signer))
        return grid.run(grid.masters[0].life.network.request(grid.masters[to].peer, syncRecords, { push: [encoded] }))
      }
      await tell(1000, first)
      await tell(2000, second)
      await grid.pass(100_000) // every master has asked every other for news three times
      const held = await Promise.all(grid.masters.map(({ records }) => records.get(id)))
      expect(held.map(each => each?.record.deletion?.time)).toEqual([1000, 1000, 1000])
    }
  })

  it('a master that was away learns of it, though it held the record', async () => {
    const grid = await new HospitalGrid({ masters: 3 }).start()
    const { id } = await grid.run(grid.owner.role.store(picture(1)))
    await grid.when(() => grid.masters.every(({ records }) => records.size === 1))
    grid.kill(grid.masters[0])
    await grid.run(grid.owner.role.delete(id))
    await grid.reviveMaster(0)
    await grid.when(() => grid.masters[0].records.size === 0)
    expect((await grid.masters[0].records.get(id))?.record.deletion).toBeDefined()
  })
})
