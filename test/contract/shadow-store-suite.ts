import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import type { ShadowKey } from '../../base/ids.ts'
import { randomBelow, seededRandom } from '../../base/random.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import type { ShadowStore } from '../../storage/shadow-store.ts'
import { exampleImage } from './example-record.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN, OTHER_MASTER, PUT_RECORD } from './example-shadow.ts'

/** The quota that the factory must give its stores. */
export const SUITE_QUOTA_BYTES = 10_000

/** A store under test; `remove` takes away whatever it keeps. */
export interface StoreUnderTest<T> {
  store: T
  remove?: () => Promise<void>
}

/** What every ShadowStore does. `make` gives a store that is not started, with a quota of {@link SUITE_QUOTA_BYTES}. */
export function shadowStoreSuite(name: string, make: () => Promise<StoreUnderTest<ShadowStore>>): void {
  describe(`${name}: shadow store contract`, () => {
    let under: StoreUnderTest<ShadowStore>
    let store: ShadowStore

    beforeEach(async () => {
      under = await make()
      store = under.store
      await store.start()
    })

    afterEach(async () => {
      await store.stop()
      await under.remove?.()
    })

    it('gives back the bytes that were put, of 0, 1 and 5,000 bytes', async () => {
      for (const length of [0, 1, 5000]) {
        await store.put(exampleKey(length), exampleShadow(length, length), ORIGIN)
        expect([...(await store.get(exampleKey(length)))]).toEqual([...exampleShadow(length, length)])
      }
      expect(await store.usage()).toEqual({
        shadows: 3,
        usedBytes: 5001,
        freeBytes: SUITE_QUOTA_BYTES - 5001,
        trashed: 0,
        trashBytes: 0
      })
    })

    it('keeps its own bytes when the caller changes those put or got', async () => {
      const shadow = exampleShadow(1)
      await store.put(exampleKey(1), shadow, ORIGIN)
      shadow.fill(0)
      ;(await store.get(exampleKey(1))).fill(1)
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
    })

    it('acknowledges the same bytes under the same key twice, and counts them once', async () => {
      await store.put(exampleKey(1), exampleShadow(1), ORIGIN)
      await store.put(exampleKey(1), exampleShadow(1), ORIGIN)
      expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 100 })
    })

    it('refuses other bytes under a held key with SHADOW_CONFLICT', async () => {
      await store.put(exampleKey(1), exampleShadow(1), ORIGIN)
      await expect(store.put(exampleKey(1), exampleShadow(2), ORIGIN)).rejects.toMatchObject({
        code: 'SHADOW_CONFLICT'
      })
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
    })

    it('refuses a second number of a sharing with SHADOW_CONFLICT, even with the same bytes', async () => {
      await store.put(exampleKey(1, 1, 1), exampleShadow(1), ORIGIN)
      await expect(store.put(exampleKey(1, 1, 2), exampleShadow(1), ORIGIN)).rejects.toMatchObject({
        code: 'SHADOW_CONFLICT'
      })
      await expect(store.get(exampleKey(1, 1, 2))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      expect(await store.drop(exampleKey(1, 1, 2), dropAt(1))).toBe(false)
    })

    it('holds shadows of two sharings of one image', async () => {
      await store.put(exampleKey(1, 1, 1), exampleShadow(1), ORIGIN)
      await store.put(exampleKey(1, 2, 3), exampleShadow(2), ORIGIN)
      expect([...(await store.get(exampleKey(1, 2, 3)))]).toEqual([...exampleShadow(2)])
    })

    it('answers SHADOW_MISSING for what it never had and for what was dropped', async () => {
      await expect(store.get(exampleKey(1))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      await store.put(exampleKey(1), exampleShadow(1), ORIGIN)
      expect(await store.drop(exampleKey(1), dropAt(1))).toBe(true)
      expect(await store.drop(exampleKey(1), dropAt(1))).toBe(false)
      await expect(store.get(exampleKey(1))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      expect(await store.usage()).toMatchObject({ shadows: 0, usedBytes: 0, freeBytes: SUITE_QUOTA_BYTES })
    })

    it('takes another number of a sharing once the first has left the trash too', async () => {
      await store.put(exampleKey(1, 1, 1), exampleShadow(1), ORIGIN)
      await store.drop(exampleKey(1, 1, 1), dropAt(1))
      const second = () => store.put(exampleKey(1, 1, 2), exampleShadow(2), ORIGIN)
      await expect(second()).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      expect(await store.expire(2)).toBe(1)
      await second()
      expect(await store.list()).toMatchObject([{ number: 2 }])
    })

    it('keeps who put a shadow and for which try, and takes the same bytes again from that origin only', async () => {
      const [key, shadow] = [exampleKey(1), exampleShadow(1)]
      await store.put(key, shadow, ORIGIN)
      expect(await store.find(key)).toMatchObject({ ...ORIGIN, ...key, bytes: 100, digest: merkleRoot(shadow) })
      expect(await store.find(exampleKey(1, 1, 2))).toBeUndefined()
      for (const other of [{ asked: 1 }, { counter: 2 }, { master: undefined }]) {
        const put = store.put(key, shadow, { ...ORIGIN, ...other })
        await expect(put, Object.keys(other)[0]).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      }
      expect(await store.list()).toMatchObject([ORIGIN])
    })

    it('refuses one byte more than the quota with STORE_FULL and keeps nothing of it', async () => {
      await store.put(exampleKey(1), exampleShadow(1, SUITE_QUOTA_BYTES - 10), ORIGIN)
      await expect(store.put(exampleKey(2), exampleShadow(2, 11), ORIGIN)).rejects.toMatchObject({ code: 'STORE_FULL' })
      await expect(store.get(exampleKey(2))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      await store.put(exampleKey(2), exampleShadow(2, 10), ORIGIN)
      expect(await store.usage()).toMatchObject({ shadows: 2, usedBytes: SUITE_QUOTA_BYTES, freeBytes: 0 })
      await store.drop(exampleKey(1), dropAt(1))
      await store.put(exampleKey(3), exampleShadow(3, 5000), ORIGIN)
    })

    it('20 puts at once of 1,000 bytes: 10 are kept and 10 get STORE_FULL', async () => {
      const puts = Array.from({ length: 20 }, (_, n) => store.put(exampleKey(n), exampleShadow(n, 1000), ORIGIN))
      const ends = await Promise.allSettled(puts)
      const kept = ends.flatMap((end, n) => (end.status === 'fulfilled' ? [n] : []))
      const codes = ends.flatMap(end => (end.status === 'rejected' ? [end.reason.code] : []))
      expect(kept).toHaveLength(10)
      expect(codes).toEqual(Array(10).fill('STORE_FULL'))
      expect(await store.list()).toHaveLength(10)
      for (const n of kept) expect(sha256Hex(await store.get(exampleKey(n)))).toBe(sha256Hex(exampleShadow(n, 1000)))
    })

    it('8 puts at once of one key with 8 contents: one is kept, 7 get SHADOW_CONFLICT', async () => {
      const ends = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) => store.put(exampleKey(1), exampleShadow(n), ORIGIN))
      )
      expect(ends.filter(end => end.status === 'fulfilled')).toHaveLength(1)
      for (const end of ends) if (end.status === 'rejected') expect(end.reason.code).toBe('SHADOW_CONFLICT')
      expect((await store.usage()).usedBytes).toBe(100)
    })

    it('puts, gets and drops of one key at once take effect in the order they were asked', async () => {
      const key = exampleKey(1)
      const [, got, dropped, , again] = await Promise.all([
        store.put(key, exampleShadow(1), ORIGIN),
        store.get(key),
        store.drop(key, dropAt(1)),
        store.put(key, exampleShadow(2), ORIGIN),
        store.get(key)
      ])
      expect([...got]).toEqual([...exampleShadow(1)])
      expect(dropped).toBe(true)
      expect([...again]).toEqual([...exampleShadow(2)])
    })

    it('lists entries in key order, of one image, and in pages', async () => {
      const keys = [1, 2, 3, 4].flatMap(image => [exampleKey(image, 1, 9), exampleKey(image, 2, 5)])
      for (const key of keys) await store.put(key, exampleShadow(key.image + key.sharing, 64), ORIGIN)
      const order = (key: ShadowKey): string => `${key.image}/${key.sharing}`
      const sorted = [...keys].sort((a, b) => (order(a) < order(b) ? -1 : 1))
      const all = await store.list()
      expect(all.map(({ image, sharing, number }) => ({ image, sharing, number }))).toEqual(sorted)
      expect(all[0]).toMatchObject({
        bytes: 64,
        digest: merkleRoot(exampleShadow(sorted[0].image + sorted[0].sharing, 64))
      })
      expect(await store.list({ image: exampleImage(2) })).toEqual(all.filter(entry => entry.image === exampleImage(2)))
      const paged = []
      for (let after: ShadowKey | undefined; ; ) {
        const page = await store.list({ after, limit: 3 })
        paged.push(...page)
        if (page.length < 3) break
        after = page[page.length - 1]
      }
      expect(paged).toEqual(all)
      expect(await store.list({ limit: 0 })).toEqual([])
    })

    it('holds the same after stop and start', async () => {
      await store.put(exampleKey(1), exampleShadow(1), ORIGIN)
      await store.stop()
      await expect(store.get(exampleKey(1))).rejects.toMatchObject({ code: 'NOT_STARTED' })
      await store.start()
      await store.start()
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
      expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 100 })
    })

    it('restores what was dropped with bytes, origin and place, also after stop and start', async () => {
      const keys = [1, 2].map(n => exampleKey(n))
      for (const [n, key] of keys.entries()) await store.put(key, exampleShadow(n), ORIGIN)
      const before = await store.list()
      for (const key of keys) expect(await store.drop(key, dropAt(7, 'replaced'))).toBe(true)
      expect(await store.list()).toEqual([])
      expect(await store.listTrash()).toEqual(before.map(entry => ({ ...entry, reason: 'replaced', time: 7 })))
      expect(await store.usage()).toMatchObject({ shadows: 0, usedBytes: 0, trashed: 2, trashBytes: 200 })
      expect(await store.restore(keys[0])).toBe(true)
      await store.stop()
      await store.start()
      expect(await store.restore(keys[1])).toBe(true)
      expect(await store.restore(keys[1])).toBe(false)
      expect(await store.list()).toEqual(before)
      for (const [n, key] of keys.entries()) expect([...(await store.get(key))]).toEqual([...exampleShadow(n)])
      expect(await store.usage()).toMatchObject({ shadows: 2, usedBytes: 200, trashed: 0, trashBytes: 0 })
    })

    it('restores nothing under another number, and nothing over what is held', async () => {
      const key = exampleKey(1)
      await store.put(key, exampleShadow(1), ORIGIN)
      await store.drop(key, dropAt(1))
      expect(await store.restore(exampleKey(1, 1, 2))).toBe(false)
      await store.put(key, exampleShadow(2), ORIGIN)
      await expect(store.restore(key)).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      expect([...(await store.get(key))]).toEqual([...exampleShadow(2)])
      expect(await store.usage()).toMatchObject({ shadows: 1, trashed: 1 })
    })

    it('of a sharing that is dropped twice the trash has the last, at the same time too', async () => {
      for (const [seed, time] of [
        [1, 5],
        [2, 6],
        [3, 6]
      ]) {
        await store.put(exampleKey(1), exampleShadow(seed), ORIGIN)
        await store.drop(exampleKey(1), dropAt(time))
      }
      expect(await store.listTrash()).toMatchObject([{ time: 6, digest: merkleRoot(exampleShadow(3)) }])
      expect(await store.usage()).toMatchObject({ trashed: 1, trashBytes: 100 })
      expect(await store.restore(exampleKey(1))).toBe(true)
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(3)])
      expect(await store.expire(10)).toBe(0)
    })

    it('expires what was dropped before a time, and nothing else', async () => {
      for (const n of [1, 2, 3]) {
        await store.put(exampleKey(n), exampleShadow(n), ORIGIN)
        await store.drop(exampleKey(n), dropAt(n * 1000))
      }
      expect(await store.expire(1000)).toBe(0)
      expect(await store.expire(3000)).toBe(2)
      expect(await store.listTrash()).toMatchObject([{ image: exampleImage(3), time: 3000 }])
      expect(await store.restore(exampleKey(1))).toBe(false)
      expect(await store.restore(exampleKey(3))).toBe(true)
    })

    it('the trash gives way to puts, oldest first, and only as far as they need', async () => {
      for (const n of [3, 1, 2]) {
        await store.put(exampleKey(n), exampleShadow(n, 3000), ORIGIN)
        await store.drop(exampleKey(n), dropAt(n))
      }
      expect(await store.usage()).toMatchObject({ usedBytes: 0, trashBytes: 9000, freeBytes: SUITE_QUOTA_BYTES })
      await store.put(exampleKey(4), exampleShadow(4, 1000), ORIGIN)
      expect(await store.usage()).toMatchObject({ trashed: 3 })
      await store.put(exampleKey(5), exampleShadow(5, 1), ORIGIN)
      const left = async () => (await store.listTrash()).map(({ time }) => time).sort()
      expect(await left()).toEqual([2, 3])
      await store.put(exampleKey(6), exampleShadow(6, 8999), ORIGIN)
      expect(await left()).toEqual([])
      expect(await store.usage()).toMatchObject({ shadows: 3, usedBytes: 10_000, freeBytes: 0, trashed: 0 })
    })

    it('10 puts at once into a store full of trash: all are kept, and the trash has gone', async () => {
      for (let n = 0; n < 10; n++) {
        await store.put(exampleKey(n), exampleShadow(n, 1000), ORIGIN)
        await store.drop(exampleKey(n), dropAt(n))
      }
      const keys = Array.from({ length: 10 }, (_, n) => exampleKey(100 + n))
      await Promise.all(keys.map(key => store.put(key, exampleShadow(key.image, 1000), ORIGIN)))
      expect(await store.usage()).toMatchObject({ shadows: 10, usedBytes: 10_000, trashed: 0, trashBytes: 0 })
    })

    it('lists the trash in key order, of one image, and in pages', async () => {
      for (const n of [1, 2, 3, 4, 5]) {
        await store.put(exampleKey(n), exampleShadow(n), ORIGIN)
        await store.drop(exampleKey(n), dropAt(10 - n))
      }
      const all = await store.listTrash()
      expect(all.map(({ image }) => image)).toEqual([1, 2, 3, 4, 5].map(n => exampleImage(n)).sort())
      expect(await store.listTrash({ image: exampleImage(2) })).toEqual(all.filter(({ time }) => time === 8))
      expect(await store.listTrash({ after: all[1], limit: 2 })).toEqual(all.slice(2, 4))
    })

    it('keeps a record beside a shadow, and gives it back; the same again changes nothing', async () => {
      const [key, sealed] = [exampleKey(1), exampleShadow('sealed', 70)]
      await store.put(key, exampleShadow(1), ORIGIN)
      expect(await store.getRecord(key)).toBeUndefined()
      await store.putRecord(key, sealed, PUT_RECORD)
      await store.putRecord(key, sealed, { ...PUT_RECORD, by: OTHER_MASTER })
      expect([...((await store.getRecord(key)) ?? [])]).toEqual([...sealed])
      expect(await store.list()).toMatchObject([{ record: { bytes: 70, digest: sha256Hex(sealed) } }])
      expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 170, freeBytes: SUITE_QUOTA_BYTES - 170 })
      expect([...(await store.get(key))]).toEqual([...exampleShadow(1)])
    })

    it('keeps no record without a shadow of its sharing and of its origin, not even of a lower one', async () => {
      const [key, sealed] = [exampleKey(1), exampleShadow('sealed', 70)]
      await expect(store.putRecord(key, sealed, PUT_RECORD)).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      await store.put(key, exampleShadow(1), { ...ORIGIN, counter: 2 })
      for (const other of [
        { counter: 1 },
        { counter: 3 },
        { counter: 2, asked: 5 },
        { counter: 2, master: OTHER_MASTER }
      ]) {
        const put = store.putRecord(key, sealed, { ...PUT_RECORD, ...other })
        await expect(put).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      }
      await expect(store.putRecord(exampleKey(1, 2), sealed, PUT_RECORD)).rejects.toMatchObject({
        code: 'SHADOW_MISSING'
      })
      expect(await store.getRecord(key)).toBeUndefined()
      expect(await store.usage()).toMatchObject({ usedBytes: 100 })
    })

    it("takes other bytes in a record's place from the master that put the shadow, and from no other", async () => {
      const [key, sealed, other] = [exampleKey(1), exampleShadow('sealed', 70), exampleShadow('other', 30)]
      await store.put(key, exampleShadow(1), ORIGIN)
      await store.putRecord(key, sealed, { ...PUT_RECORD, by: OTHER_MASTER })
      const spoil = store.putRecord(key, exampleShadow('spoilt', 9), { ...PUT_RECORD, by: OTHER_MASTER })
      await expect(spoil).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      expect([...((await store.getRecord(key)) ?? [])]).toEqual([...sealed])
      await store.putRecord(key, other, PUT_RECORD)
      expect([...((await store.getRecord(key)) ?? [])]).toEqual([...other])
      expect(await store.usage()).toMatchObject({ usedBytes: 130 })
    })

    it('a record goes to the trash and comes back with its shadow, and is forgotten with it', async () => {
      const [key, sealed] = [exampleKey(1), exampleShadow('sealed', 70)]
      await store.put(key, exampleShadow(1), ORIGIN)
      await store.putRecord(key, sealed, PUT_RECORD)
      await store.drop(key, dropAt(1))
      expect(await store.getRecord(key)).toBeUndefined()
      expect(await store.usage()).toMatchObject({ usedBytes: 0, trashBytes: 170 })
      await store.stop()
      await store.start()
      expect(await store.usage()).toMatchObject({ usedBytes: 0, trashBytes: 170 })
      await store.restore(key)
      expect([...((await store.getRecord(key)) ?? [])]).toEqual([...sealed])
      expect(await store.usage()).toMatchObject({ usedBytes: 170, trashBytes: 0 })
      await store.drop(key, dropAt(2))
      await store.expire(3)
      await store.put(key, exampleShadow(1), ORIGIN)
      expect(await store.getRecord(key)).toBeUndefined()
      expect(await store.usage()).toMatchObject({ usedBytes: 100, trashBytes: 0 })
    })

    it('refuses a record beyond the quota with STORE_FULL; the trash gives way to one that fits', async () => {
      await store.put(exampleKey(1), exampleShadow(1, 5000), ORIGIN)
      await store.put(exampleKey(2), exampleShadow(2, 4000), ORIGIN)
      await store.drop(exampleKey(2), dropAt(1))
      const put = store.putRecord(exampleKey(1), exampleShadow('sealed', 5001), PUT_RECORD)
      await expect(put).rejects.toMatchObject({ code: 'STORE_FULL' })
      expect(await store.usage()).toMatchObject({ usedBytes: 5000, trashed: 1 })
      await store.putRecord(exampleKey(1), exampleShadow('sealed', 2000), PUT_RECORD)
      expect(await store.usage()).toMatchObject({ usedBytes: 7000, trashed: 0 })
    })

    it('agrees with plain maps over random puts, drops and restores', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 30 }), seed => agreesWithMap(store, seed)),
        { numRuns: 3 }
      )
    })
  })
}

async function agreesWithMap(store: ShadowStore, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const held = new Map<string, { key: ShadowKey; shadow: Uint8Array }>()
  const trash: typeof held = new Map()
  for (const entry of await store.list()) await store.drop(entry, dropAt(1))
  await store.expire(1000)
  const bytesOf = (map: typeof held): number => [...map.values()].reduce((sum, each) => sum + each.shadow.length, 0)
  for (let step = 2; step < 80; step++) {
    const key = exampleKey(randomBelow(random, 5), 1 + randomBelow(random, 2), 1 + randomBelow(random, 2))
    const shadow = exampleShadow(randomBelow(random, 2), 500 + randomBelow(random, 1500))
    const name = key.image + key.sharing
    const [old, gone] = [held.get(name), trash.get(name)]
    const verb = randomBelow(random, 5)
    if (verb === 0) {
      const isHeld = old?.key.number === key.number
      expect(await store.drop(key, dropAt(step))).toBe(isHeld)
      if (old === undefined || !isHeld) continue
      held.delete(name)
      trash.delete(name) // and to the end of the order of age
      trash.set(name, old)
    } else if (verb === 1) {
      if (gone?.key.number !== key.number) expect(await store.restore(key)).toBe(false)
      else if (old !== undefined) await expect(store.restore(key)).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      else {
        expect(await store.restore(key)).toBe(true)
        trash.delete(name)
        held.set(name, gone)
      }
    } else {
      const isSame = old?.key.number === key.number && sha256Hex(old.shadow) === sha256Hex(shadow)
      const isOther = old !== undefined || (gone !== undefined && gone.key.number !== key.number)
      if (isSame) await store.put(key, shadow, ORIGIN)
      else if (isOther || bytesOf(held) + shadow.length > SUITE_QUOTA_BYTES) {
        const code = isOther ? 'SHADOW_CONFLICT' : 'STORE_FULL'
        await expect(store.put(key, shadow, ORIGIN)).rejects.toMatchObject({ code })
      } else {
        await store.put(key, shadow, ORIGIN)
        held.set(name, { key, shadow })
        for (const [oldest] of trash) if (bytesOf(held) + bytesOf(trash) > SUITE_QUOTA_BYTES) trash.delete(oldest)
      }
    }
    const usage = { shadows: held.size, usedBytes: bytesOf(held), trashed: trash.size, trashBytes: bytesOf(trash) }
    expect(await store.usage()).toMatchObject(usage)
  }
  for (const { key, shadow } of held.values()) expect(sha256Hex(await store.get(key))).toBe(sha256Hex(shadow))
  expect((await store.listTrash()).map(({ image, sharing }) => image + sharing)).toEqual([...trash.keys()].sort())
}
