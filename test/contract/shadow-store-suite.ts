import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import type { ShadowKey } from '../../base/ids.ts'
import { randomBelow, seededRandom } from '../../base/random.ts'
import type { ShadowStore } from '../../storage/shadow-store.ts'
import { exampleImage } from './example-record.ts'
import { exampleKey, exampleShadow } from './example-shadow.ts'

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
        await store.put(exampleKey(length), exampleShadow(length, length))
        expect([...(await store.get(exampleKey(length)))]).toEqual([...exampleShadow(length, length)])
      }
      expect(await store.usage()).toEqual({ shadows: 3, usedBytes: 5001, freeBytes: SUITE_QUOTA_BYTES - 5001 })
    })

    it('keeps its own bytes when the caller changes those put or got', async () => {
      const shadow = exampleShadow(1)
      await store.put(exampleKey(1), shadow)
      shadow.fill(0)
      ;(await store.get(exampleKey(1))).fill(1)
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
    })

    it('acknowledges the same bytes under the same key twice, and counts them once', async () => {
      await store.put(exampleKey(1), exampleShadow(1))
      await store.put(exampleKey(1), exampleShadow(1))
      expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 100 })
    })

    it('refuses other bytes under a held key with SHADOW_CONFLICT', async () => {
      await store.put(exampleKey(1), exampleShadow(1))
      await expect(store.put(exampleKey(1), exampleShadow(2))).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
    })

    it('refuses a second number of a sharing with SHADOW_CONFLICT, even with the same bytes', async () => {
      await store.put(exampleKey(1, 1, 1), exampleShadow(1))
      await expect(store.put(exampleKey(1, 1, 2), exampleShadow(1))).rejects.toMatchObject({ code: 'SHADOW_CONFLICT' })
      await expect(store.get(exampleKey(1, 1, 2))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      expect(await store.drop(exampleKey(1, 1, 2))).toBe(false)
    })

    it('holds shadows of two sharings of one image', async () => {
      await store.put(exampleKey(1, 1, 1), exampleShadow(1))
      await store.put(exampleKey(1, 2, 3), exampleShadow(2))
      expect([...(await store.get(exampleKey(1, 2, 3)))]).toEqual([...exampleShadow(2)])
    })

    it('answers SHADOW_MISSING for what it never had and for what was dropped', async () => {
      await expect(store.get(exampleKey(1))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      await store.put(exampleKey(1), exampleShadow(1))
      expect(await store.drop(exampleKey(1))).toBe(true)
      expect(await store.drop(exampleKey(1))).toBe(false)
      await expect(store.get(exampleKey(1))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      expect(await store.usage()).toEqual({ shadows: 0, usedBytes: 0, freeBytes: SUITE_QUOTA_BYTES })
    })

    it('takes another number of a sharing once the first is dropped', async () => {
      await store.put(exampleKey(1, 1, 1), exampleShadow(1))
      await store.drop(exampleKey(1, 1, 1))
      await store.put(exampleKey(1, 1, 2), exampleShadow(2))
      expect(await store.list()).toMatchObject([{ number: 2 }])
    })

    it('refuses one byte more than the quota with STORE_FULL and keeps nothing of it', async () => {
      await store.put(exampleKey(1), exampleShadow(1, SUITE_QUOTA_BYTES - 10))
      await expect(store.put(exampleKey(2), exampleShadow(2, 11))).rejects.toMatchObject({ code: 'STORE_FULL' })
      await expect(store.get(exampleKey(2))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
      await store.put(exampleKey(2), exampleShadow(2, 10))
      expect(await store.usage()).toEqual({ shadows: 2, usedBytes: SUITE_QUOTA_BYTES, freeBytes: 0 })
      await store.drop(exampleKey(1))
      await store.put(exampleKey(3), exampleShadow(3, 5000))
    })

    it('20 puts at once of 1,000 bytes: 10 are kept and 10 get STORE_FULL', async () => {
      const puts = Array.from({ length: 20 }, (_, n) => store.put(exampleKey(n), exampleShadow(n, 1000)))
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
        Array.from({ length: 8 }, (_, n) => store.put(exampleKey(1), exampleShadow(n)))
      )
      expect(ends.filter(end => end.status === 'fulfilled')).toHaveLength(1)
      for (const end of ends) if (end.status === 'rejected') expect(end.reason.code).toBe('SHADOW_CONFLICT')
      expect((await store.usage()).usedBytes).toBe(100)
    })

    it('puts, gets and drops of one key at once take effect in the order they were asked', async () => {
      const key = exampleKey(1)
      const [, got, dropped, , again] = await Promise.all([
        store.put(key, exampleShadow(1)),
        store.get(key),
        store.drop(key),
        store.put(key, exampleShadow(2)),
        store.get(key)
      ])
      expect([...got]).toEqual([...exampleShadow(1)])
      expect(dropped).toBe(true)
      expect([...again]).toEqual([...exampleShadow(2)])
    })

    it('lists entries in key order, of one image, and in pages', async () => {
      const keys = [1, 2, 3, 4].flatMap(image => [exampleKey(image, 1, 9), exampleKey(image, 2, 5)])
      for (const key of keys) await store.put(key, exampleShadow(key.image + key.sharing, 64))
      const order = (key: ShadowKey): string => `${key.image}/${key.sharing}`
      const sorted = [...keys].sort((a, b) => (order(a) < order(b) ? -1 : 1))
      const all = await store.list()
      expect(all.map(({ image, sharing, number }) => ({ image, sharing, number }))).toEqual(sorted)
      expect(all[0]).toMatchObject({
        bytes: 64,
        digest: sha256Hex(exampleShadow(sorted[0].image + sorted[0].sharing, 64))
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
      await store.put(exampleKey(1), exampleShadow(1))
      await store.stop()
      await expect(store.get(exampleKey(1))).rejects.toMatchObject({ code: 'NOT_STARTED' })
      await store.start()
      await store.start()
      expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
      expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 100 })
    })

    it('agrees with a plain map over random puts and drops', async () => {
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
  for (const entry of await store.list()) await store.drop(entry)
  for (let step = 0; step < 60; step++) {
    const key = exampleKey(randomBelow(random, 5), 1 + randomBelow(random, 2), 1 + randomBelow(random, 2))
    const shadow = exampleShadow(randomBelow(random, 2), 500 + randomBelow(random, 1500))
    const name = key.image + key.sharing
    const old = held.get(name)
    if (randomBelow(random, 3) === 0) {
      const isHeld = old?.key.number === key.number
      expect(await store.drop(key)).toBe(isHeld)
      if (isHeld) held.delete(name)
      continue
    }
    const used = [...held.values()].reduce((sum, each) => sum + each.shadow.length, 0)
    const isSame = old?.key.number === key.number && sha256Hex(old.shadow) === sha256Hex(shadow)
    const refusal = old !== undefined && !isSame ? 'SHADOW_CONFLICT' : 'STORE_FULL'
    const fits = isSame || (old === undefined && used + shadow.length <= SUITE_QUOTA_BYTES)
    if (fits) await store.put(key, shadow)
    else await expect(store.put(key, shadow)).rejects.toMatchObject({ code: refusal })
    if (fits) held.set(name, { key, shadow })
  }
  const used = [...held.values()].reduce((sum, each) => sum + each.shadow.length, 0)
  expect(await store.usage()).toMatchObject({ shadows: held.size, usedBytes: used })
  for (const { key, shadow } of held.values()) expect(sha256Hex(await store.get(key))).toBe(sha256Hex(shadow))
}
