import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../base/bytes.ts'
import { randomBelow, randomBytes, seededRandom } from '../../base/random.ts'
import { type EncodedRecord, encodedRecord } from '../../indexing/encoded-record.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'
import { rankCodes } from '../../indexing/rank-codes.ts'
import { MemoryRecordStore } from '../../indexing/memory-record-store.ts'
import type { HeldRecord, RecordStore } from '../../indexing/record-store.ts'
import { supersedes } from '../../indexing/supersedes.ts'
import { exampleImage, examplePeer, exampleRecord, exampleSpace } from './example-record.ts'
import type { StoreUnderTest } from './shadow-store-suite.ts'

/** What every RecordStore does. `make` gives a store that is empty and not started. */
export function recordStoreSuite(name: string, make: () => Promise<StoreUnderTest<RecordStore>>): void {
  describe(`${name}: record store contract`, () => {
    let under: StoreUnderTest<RecordStore>
    let store: RecordStore

    beforeEach(async () => {
      under = await make()
      store = under.store
      await store.start()
    })

    afterEach(async () => {
      await store.stop()
      await under.remove?.()
    })

    it('is empty at first', async () => {
      expect(store.size).toBe(0)
      expect(store.lastSequence).toBe(0)
      expect(await store.get(exampleImage(1))).toBeUndefined()
      expect(await store.changes(0, 10)).toEqual([])
      expect(store.nearest(new Uint8Array(8), exampleSpace(), 10)).toEqual([])
    })

    it('gives back the record that was put', async () => {
      expect(await store.put(encodedRecord(exampleRecord()))).toBe(true)
      expect((await store.get(exampleImage(1)))?.record).toEqual(exampleRecord())
      expect(store.size).toBe(1)
      expect(await store.changes(0, 10)).toMatchObject([{ sequence: store.lastSequence, record: exampleRecord() }])
    })

    it('refuses the same record, an older one, and one of a lower master; takes a newer one', async () => {
      await store.put(encodedRecord(exampleRecord({ counter: 2 })))
      const last = store.lastSequence
      expect(await store.put(encodedRecord(exampleRecord({ counter: 2 })))).toBe(false)
      expect(await store.put(encodedRecord(exampleRecord({ counter: 1 })))).toBe(false)
      expect(store.lastSequence).toBe(last)
      const rival = exampleRecord({ counter: 2, master: 'other' })
      expect(await store.put(encodedRecord(rival))).toBe(
        supersedes(encodedRecord(rival), encodedRecord(exampleRecord({ counter: 2 })))
      )
      expect(await store.put(encodedRecord(exampleRecord({ counter: 3 })))).toBe(true)
      expect((await store.get(exampleImage(1)))?.record.stored?.version.counter).toBe(3)
      expect(store.size).toBe(1)
    })

    it('a tombstone wins over any record and is found by nobody; a record never wins over it', async () => {
      await store.put(encodedRecord(exampleRecord({ counter: 9 })))
      expect(await store.put(encodedRecord(exampleRecord({ counter: 1, deleted: true })))).toBe(true)
      expect(await store.put(encodedRecord(exampleRecord({ counter: 10 })))).toBe(false)
      expect(await store.put(encodedRecord(exampleRecord({ counter: 2, deleted: true })))).toBe(true)
      expect(store.size).toBe(0)
      expect(store.nearest(new Uint8Array(8), exampleSpace(), 10)).toEqual([])
      expect((await store.get(exampleImage(1)))?.record).toEqual(exampleRecord({ counter: 2, deleted: true }))
      expect(await store.changes(0, 10)).toHaveLength(1)
    })

    it('of 3 puts of one image at once the newest is held, in whatever order they come', async () => {
      const taken = await Promise.all([2, 3, 1].map(counter => store.put(encodedRecord(exampleRecord({ counter })))))
      expect(taken).toEqual([true, true, false])
      expect((await store.get(exampleImage(1)))?.record.stored?.version.counter).toBe(3)
      expect(await store.changes(0, 10)).toHaveLength(1)
    })

    it('200 puts at once are all held, and each once among the changes', async () => {
      const records = Array.from({ length: 200 }, (_, image) => exampleRecord({ image }))
      expect(await Promise.all(records.map(record => store.put(encodedRecord(record))))).toEqual(Array(200).fill(true))
      expect(store.size).toBe(200)
      const changes = await store.changes(0, 1000)
      expect(changes.map(({ record }) => record.id).sort()).toEqual(records.map(({ id }) => id).sort())
    })

    it('changes come in order, in pages, an image only at its last change', async () => {
      for (let image = 0; image < 10; image++) await store.put(encodedRecord(exampleRecord({ image })))
      const middle = store.lastSequence
      for (const image of [3, 5]) await store.put(encodedRecord(exampleRecord({ image, counter: 2 })))
      await store.put(encodedRecord(exampleRecord({ image: 7, counter: 2, deleted: true })))
      const all = await store.changes(0, 100)
      const order = [0, 1, 2, 4, 6, 8, 9, 3, 5, 7].map(exampleImage)
      expect(all.map(({ record }) => record.id)).toEqual(order)
      expect(all.map(({ sequence }) => sequence)).toEqual(all.map(({ sequence }) => sequence).sort((a, b) => a - b))
      expect((await store.changes(middle, 100)).map(({ record }) => record.id)).toEqual(order.slice(7))
      const paged = []
      for (let after = 0; ; ) {
        const page = await store.changes(after, 3)
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(3)
        paged.push(...page)
        after = page[page.length - 1].sequence
      }
      expect(paged).toEqual(all)
      expect(await store.changes(0, 0)).toEqual([])
      expect(await store.changes(store.lastSequence, 10)).toEqual([])
    })

    it('a record with a new code is found by the new code only', async () => {
      await store.put(encodedRecord(exampleRecord({ code: new Uint8Array(8) })))
      await store.put(encodedRecord(exampleRecord({ counter: 2, code: new Uint8Array(8).fill(255) })))
      expect(store.nearest(new Uint8Array(8), exampleSpace(), 10)).toEqual([{ id: exampleImage(1), distance: 64 }])
    })

    it('a record that moves to another space is found there only', async () => {
      const space = exampleSpace(16, 'newer')
      await store.put(encodedRecord(exampleRecord()))
      await store.put(encodedRecord(exampleRecord({ counter: 2, space, code: new Uint8Array(2) })))
      expect(store.nearest(new Uint8Array(2), space, 10)).toEqual([{ id: exampleImage(1), distance: 0 }])
      expect(() => store.nearest(new Uint8Array(8), exampleSpace(), 10)).toThrow(
        expect.objectContaining({ code: 'CODE_LENGTH_MISMATCH' })
      )
      expect(store.size).toBe(1)
    })

    it('codes of another model give MODEL_MISMATCH, of another length CODE_LENGTH_MISMATCH', async () => {
      await store.put(encodedRecord(exampleRecord()))
      expect(() => store.nearest(new Uint8Array(8), exampleSpace(64, 'other'), 1)).toThrow(
        expect.objectContaining({ code: 'MODEL_MISMATCH' })
      )
      expect(() => store.nearest(new Uint8Array(2), exampleSpace(16), 1)).toThrow(
        expect.objectContaining({ code: 'CODE_LENGTH_MISMATCH' })
      )
    })

    it('getMany gives what get gives for each, in the order asked, undefined where nothing is held', async () => {
      for (const image of [1, 2, 3]) await store.put(encodedRecord(exampleRecord({ image })))
      await store.put(encodedRecord(exampleRecord({ image: 2, counter: 2, deleted: true })))
      const images = [3, 9, 2, 1, 3].map(exampleImage)
      const records = await store.getMany(images)
      expect(records.map(held => held?.record)).toEqual([
        exampleRecord({ image: 3 }),
        undefined,
        exampleRecord({ image: 2, counter: 2, deleted: true }),
        exampleRecord({ image: 1 }),
        exampleRecord({ image: 3 })
      ])
      expect(await Promise.all(images.map(image => store.get(image)))).toEqual(records)
      expect(await store.getMany([])).toEqual([])
    })

    it('list gives every record and tombstone once, in the order of ids, in pages after an id', async () => {
      for (let image = 0; image < 25; image++) await store.put(encodedRecord(exampleRecord({ image })))
      await store.put(encodedRecord(exampleRecord({ image: 7, counter: 2, deleted: true })))
      const ids = Array.from({ length: 25 }, (_, image) => exampleImage(image)).sort()
      const all = await store.list(undefined, 1000)
      expect(all.map(({ record }) => record.id)).toEqual(ids)
      expect(all.find(({ record }) => record.id === exampleImage(7))?.record.deletion).toBeDefined()
      const paged: EncodedRecord[] = []
      for (;;) {
        const page = await store.list(paged.at(-1)?.record.id, 4)
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(4)
        paged.push(...page)
      }
      expect(paged).toEqual(all)
      expect(await store.list(ids[24], 10)).toEqual([])
      expect(await store.list(undefined, 0)).toEqual([])
    })

    it('usage counts the images and bytes of each owner as they come, move and go', async () => {
      const owner = examplePeer('owner')
      expect(store.usage(owner)).toEqual({ images: 0, bytes: 0 })
      for (const image of [1, 2, 3]) await store.put(encodedRecord(exampleRecord({ image })))
      await store.put(encodedRecord(exampleRecord({ image: 2, counter: 2 })))
      await store.put(encodedRecord(exampleRecord({ image: 2, counter: 1 })))
      expect(store.usage(owner)).toEqual({ images: 3, bytes: 3 * 524_288 })
      await store.put(encodedRecord(exampleRecord({ image: 1, deleted: true })))
      await store.stop()
      await store.start()
      expect(store.usage(owner)).toEqual({ images: 2, bytes: 2 * 524_288 })
      expect([...store.usages()]).toEqual([[owner, { images: 2, bytes: 2 * 524_288 }]])
      for (const image of [2, 3]) await store.put(encodedRecord(exampleRecord({ image, deleted: true })))
      expect([...store.usages()]).toEqual([])
    })

    it("a record from another store's changes gets a sequence of this store", async () => {
      await store.put({ ...encodedRecord(exampleRecord({ image: 1 })), sequence: 77 } as EncodedRecord)
      expect((await store.changes(0, 10)).map(({ sequence }) => sequence)).toEqual([store.lastSequence])
    })

    it('changes carry the encoding that was put', async () => {
      const put = encodedRecord(exampleRecord())
      await store.put(put)
      const [{ encoded }] = await store.changes(0, 1)
      expect(Buffer.compare(encoded, put.encoded)).toBe(0)
    })

    it('holds the same after stop and start, and is NOT_STARTED in between', async () => {
      for (let image = 0; image < 20; image++) await store.put(encodedRecord(exampleRecord({ image })))
      await store.put(encodedRecord(exampleRecord({ image: 4, counter: 2, deleted: true })))
      const before = await stateOf(store)
      await store.stop()
      await store.stop()
      await expect(store.put(encodedRecord(exampleRecord({ image: 99 })))).rejects.toMatchObject({
        code: 'NOT_STARTED'
      })
      expect(() => store.nearest(new Uint8Array(8), exampleSpace(), 1)).toThrow(
        expect.objectContaining({ code: 'NOT_STARTED' })
      )
      await store.start()
      await store.start()
      expect(await stateOf(store)).toEqual(before)
      await store.put(encodedRecord(exampleRecord({ image: 99 })))
      expect(store.lastSequence).toBeGreaterThan(before.lastSequence)
    })

    it('digests tell what is held: alike whatever the order, other for every record put, replaced or deleted', async () => {
      const put = (init: Parameters<typeof exampleRecord>[0]) => store.put(encodedRecord(exampleRecord(init)))
      const seen = new Set([store.digests.root])
      for (let image = 0; image < 40; image++) seen.add((await put({ image })) ? store.digests.root : '')
      await put({ image: 4, counter: 2 })
      seen.add(store.digests.root)
      await put({ image: 5, deleted: true })
      seen.add(store.digests.root)
      for (const image of sharedBucket()) seen.add((await put({ image })) ? store.digests.root : '')
      expect(seen.size).toBe(45)
      const other = new MemoryRecordStore()
      await other.start()
      const held = await store.list(undefined, 1000)
      for (const each of held.reverse()) await other.put(each)
      expect(other.digests.root).toBe(store.digests.root)
      expect(other.digests.children(0)).toEqual(store.digests.children(0))
      await store.stop()
      await store.start()
      expect(store.digests.root).toBe(other.digests.root)
    })

    it('what is held is told by id and digest, from after one image to another, in order, a limited number', async () => {
      for (let image = 0; image < 30; image++) await store.put(encodedRecord(exampleRecord({ image })))
      await store.put(encodedRecord(exampleRecord({ image: 3, deleted: true })))
      const all = (await store.list(undefined, 100)).map(({ record, encoded }) => ({
        id: record.id,
        digest: Buffer.from(sha256(encoded))
      }))
      const last = all[29].id
      const told = (held: readonly HeldRecord[]) => held.map(({ id, digest }) => ({ id, digest: Buffer.from(digest) }))
      expect(told(await store.held(undefined, last, 100))).toEqual(all)
      expect(told(await store.held(all[4].id, all[9].id, 100))).toEqual(all.slice(5, 10))
      expect(told(await store.held(all[4].id, last, 3))).toEqual(all.slice(5, 8))
      expect(await store.held(last, last, 3)).toEqual([])
    })

    it('cursors and incarnation outlive a stop; another store has another incarnation', async () => {
      const { incarnation } = store
      const cursor = { incarnation: '0123456789abcdef0123456789abcdef', sequence: 2 ** 40 }
      expect(store.cursor(examplePeer(1))).toBeUndefined()
      await store.moveCursor(examplePeer(1), { ...cursor, sequence: 5 })
      await store.moveCursor(examplePeer(1), cursor)
      await store.stop()
      await store.start()
      expect(store.cursor(examplePeer(1))).toEqual(cursor)
      expect(store.cursor(examplePeer(2))).toBeUndefined()
      expect(store.incarnation).toBe(incarnation)
      expect(incarnation).toMatch(/^[0-9a-f]{32}$/)
      const other = await make()
      await other.store.start()
      expect(other.store.incarnation).not.toBe(incarnation)
      await other.store.stop()
      await other.remove?.()
    })

    it('agrees with a plain map over random puts, whatever is put at once', async () => {
      const world = fc.integer({ min: 0, max: 2 ** 30 })
      await fc.assert(
        fc.asyncProperty(world, seed => agreesWithMap(store, seed)),
        { numRuns: 4 }
      )
    })
  })
}

/** Two images whose ids begin with the same 16 bits. */
function sharedBucket(): [number, number] {
  const seen = new Map<string, number>()
  for (let image = 100; ; image++) {
    const bucket = exampleImage(image).slice(0, 4)
    const other = seen.get(bucket)
    if (other !== undefined) return [other, image]
    seen.set(bucket, image)
  }
}

async function stateOf(store: RecordStore) {
  return {
    size: store.size,
    lastSequence: store.lastSequence,
    changes: (await store.changes(0, 1000)).map(change => ({ ...change, encoded: Uint8Array.from(change.encoded) })),
    nearest: store.nearest(new Uint8Array(8), exampleSpace(), 1000)
  }
}

async function agreesWithMap(store: RecordStore, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const held = new Map<string, ImageRecord>()
  for (const { record } of await store.changes(0, 1000)) held.set(record.id, record)
  for (let step = 0; step < 12; step++) {
    const records = Array.from({ length: 1 + randomBelow(random, 12) }, () =>
      exampleRecord({
        image: randomBelow(random, 25),
        counter: 1 + randomBelow(random, 8),
        master: `master ${randomBelow(random, 2)}`,
        code: randomBytes(random, 8),
        deleted: randomBelow(random, 20) === 0
      })
    )
    const expected = records.map(record => {
      const old = held.get(record.id)
      const wins = old === undefined || supersedes(encodedRecord(record), encodedRecord(old))
      if (wins) held.set(record.id, record)
      return wins
    })
    expect(await Promise.all(records.map(record => store.put(encodedRecord(record))))).toEqual(expected)
  }
  for (const record of held.values()) expect((await store.get(record.id))?.record).toEqual(record)
  const claims = [...held.values()].flatMap(({ stored }) => (stored === undefined ? [] : [stored.claim]))
  expect(store.size).toBe(claims.length)
  const code = randomBytes(random, 8)
  expect(store.nearest(code, exampleSpace(), 7)).toEqual(rankCodes(claims, code, 7))
  const changes = await store.changes(0, 1000)
  expect(new Map(changes.map(({ record }) => [record.id as string, record]))).toEqual(held)
  expect(changes).toHaveLength(held.size)
}
