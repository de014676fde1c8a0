import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncedLevel } from '../../base/synced-level.ts'
import { randomBelow, seededRandom } from '../../base/random.ts'
import { encodedRecord } from '../../indexing/encoded-record.ts'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { changeKey, recordKey } from '../../indexing/record-value.ts'
import { exampleImage, exampleRecord, exampleSpace } from './example-record.ts'
import { killAfter } from './kill-child.ts'
import { canMount, withMount } from './small-disk.ts'

const SEED = 12
const ROUNDS = 5

describe('Level record store: faults', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfmedir-records-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const filled = async (count: number): Promise<void> => {
    const store = new LevelRecordStore(folder)
    await store.start()
    await Promise.all(Array.from({ length: count }, (_, image) => store.put(encodedRecord(exampleRecord({ image })))))
    await store.stop()
  }
  const change = async (work: (level: SyncedLevel) => Promise<void>): Promise<void> => {
    const level = new SyncedLevel(folder)
    await level.open()
    await work(level)
    await level.close()
  }

  it(`killed ${ROUNDS} times while putting (seed ${SEED}): every acknowledged record is there`, async () => {
    const random = seededRandom(SEED)
    const put = new Map<number, number>()
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await killAfter('record-writer.ts', [folder, `${round * 10_000}`], 5 + randomBelow(random, 100))
      for (const line of lines) {
        const [word, n, counter] = line.split(' ')
        if (word === 'put') put.set(Number(n), Number(counter))
      }
      const store = new LevelRecordStore(folder)
      await store.start()
      for (const [n, counter] of put) {
        const record = await store.get(exampleImage(n))
        expect(record?.record.stored?.version.counter ?? 2, `record ${n}`).toBeGreaterThanOrEqual(counter)
      }
      const changes = await store.changes(0, 100_000)
      expect(changes.filter(({ record }) => record.stored !== undefined)).toHaveLength(store.size)
      expect(store.nearest(new Uint8Array(8), exampleSpace(), 100_000)).toHaveLength(store.size)
      await store.stop()
    }
    expect(put.size).toBeGreaterThan(ROUNDS)
  })

  it('3 of 50 records with a flipped bit: start gives STORE_CORRUPT with the number 3', async () => {
    await filled(50)
    await change(async level => {
      for (const n of [4, 17, 30]) {
        const key = recordKey(exampleImage(n))
        const value = (await level.get(key))?.slice() ?? new Uint8Array()
        value[value.length >> 1] ^= 1
        await level.commit([{ type: 'put', key, value }])
      }
    })
    await expect(new LevelRecordStore(folder).start()).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      detail: { damaged: 3 }
    })
  })

  it('2 of 50 records gone: start gives STORE_CORRUPT with the number 2', async () => {
    await filled(50)
    await change(level => level.commit([1, 2].map(n => ({ type: 'del', key: recordKey(exampleImage(n)) }))))
    await expect(new LevelRecordStore(folder).start()).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      detail: { damaged: 2 }
    })
  })

  it('3 of 50 records with a flipped bit, told to mend: they are set aside, the rest is there, and they can be put again', async () => {
    await filled(50)
    const before = new LevelRecordStore(folder)
    await before.start()
    const { root } = before.digests
    const { lastSequence } = before
    await before.stop()
    const flip = (level: SyncedLevel, ids: number[]) =>
      Promise.all(
        ids.map(async n => {
          const key = recordKey(exampleImage(n))
          const value = (await level.get(key))?.slice() ?? new Uint8Array()
          value[value.length >> 1] ^= 1
          await level.commit([{ type: 'put', key, value }])
        })
      )
    await change(level => flip(level, [4, 17, 30]).then(() => {}))
    const told: number[] = []
    const store = new LevelRecordStore(folder, { onDamage: records => told.push(records) })
    await store.start()
    expect([told, store.size, store.lastSequence]).toEqual([[3], 47, lastSequence])
    expect(await store.get(exampleImage(17))).toBeUndefined()
    expect(store.digests.root).not.toBe(root)
    expect((await store.changes(0, 100)).length).toBe(47)
    for (const image of [4, 17, 30]) expect(await store.put(encodedRecord(exampleRecord({ image })))).toBe(true)
    expect(store.digests.root).toBe(root)
    await store.stop()
    await new LevelRecordStore(folder).start() // sound again, whoever looks
  })

  it('a bit flipped while it runs, told to mend: found when it is read, set aside, and put again', async () => {
    await filled(20)
    const told: number[] = []
    const level = new SyncedLevel(folder)
    const store = new LevelRecordStore(folder, { onDamage: records => told.push(records) })
    const key = recordKey(exampleImage(7))
    await level.open()
    const value = (await level.get(key))?.slice() ?? new Uint8Array()
    await level.close()
    value[value.length - 9] ^= 1
    await store.start()
    const { root } = store.digests
    const list = SyncedLevel.prototype.getMany
    SyncedLevel.prototype.getMany = async function (keys) {
      SyncedLevel.prototype.getMany = list
      await this.commit([{ type: 'put', key, value }]) // rot, behind the store's back
      return list.call(this, keys)
    }
    await expect(store.get(exampleImage(7))).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    expect(await store.put(encodedRecord(exampleRecord({ image: 99 })))).toBe(true)
    expect(told).toEqual([1])
    expect(store.size).toBe(20)
    expect(await store.get(exampleImage(7))).toBeUndefined()
    expect(await store.put(encodedRecord(exampleRecord({ image: 7 })))).toBe(true)
    await store.put(encodedRecord(exampleRecord({ image: 99, deleted: true })))
    expect(store.digests.root).not.toBe(root)
    expect(store.size).toBe(20)
    await store.stop()
  })

  it('a value under another key, a lost change and a lost summary are STORE_CORRUPT', async () => {
    await filled(10)
    const spoil = async (key: string, value: Uint8Array | undefined): Promise<void> => {
      let old: Uint8Array | undefined
      await change(async level => {
        old = await level.get(key)
        await level.commit([value === undefined ? { type: 'del', key } : { type: 'put', key, value }])
      })
      await expect(new LevelRecordStore(folder).start()).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
      await change(level => level.commit([{ type: 'put', key, value: old ?? new Uint8Array() }]))
    }
    let other: Uint8Array | undefined
    await change(async level => {
      other = await level.get(recordKey(exampleImage(1)))
    })
    await spoil(recordKey(exampleImage(2)), other)
    await spoil(changeKey(3), undefined)
    await spoil('m', undefined)
    const store = new LevelRecordStore(folder)
    await store.start()
    expect(store.size).toBe(10)
    await store.stop()
  })

  for (let seed = 1; seed <= 6; seed++) {
    it(`a byte flipped in one of Level's own files (seed ${seed}): STORE_CORRUPT, or every record as it was`, async () => {
      await filled(80)
      await filled(80) // opening again turns the log into a table
      const random = seededRandom(`flip ${seed}`)
      const files = (await readdir(folder)).filter(file => /\.(ldb|log)$/.test(file)).sort()
      const sized = await Promise.all(files.map(async file => ({ file, bytes: await readFile(join(folder, file)) })))
      const { file, bytes } = sized.filter(each => each.bytes.length > 0)[0]
      bytes[randomBelow(random, bytes.length)] ^= 1 << randomBelow(random, 8)
      await writeFile(join(folder, file), bytes)
      const store = new LevelRecordStore(folder)
      try {
        await store.start()
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORE_CORRUPT' })
        return
      }
      for (let n = 0; n < 80; n++)
        expect((await store.get(exampleImage(n)))?.record).toEqual(exampleRecord({ image: n }))
      await store.stop()
    })
  }

  it('a second store on the folder gets STORE_LOCKED, and the first works on', async () => {
    const store = new LevelRecordStore(folder)
    await store.start()
    await expect(new LevelRecordStore(folder).start()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await store.put(encodedRecord(exampleRecord()))
    await store.stop()
  })

  it('a file in the place of the folder gives STORE_READ_ONLY', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(new LevelRecordStore(join(folder, 'file')).start()).rejects.toMatchObject({ code: 'STORE_READ_ONLY' })
  })

  it.skipIf(!canMount())(
    'a full disk gives STORE_FULL, holds what was acknowledged, and works on with more space',
    async () => {
      await mkdir(join(folder, 'small'))
      await withMount(join(folder, 'small'), 'size=2m', async at => {
        const store = new LevelRecordStore(at)
        await store.start()
        let kept = 0
        const fill = async (): Promise<void> => {
          for (; kept < 5000; kept++) await store.put(encodedRecord(exampleRecord({ image: kept })))
        }
        await expect(fill()).rejects.toMatchObject({ code: 'STORE_FULL' })
        expect(kept).toBeGreaterThan(500)
        execFileSync('mount', ['-o', 'remount,size=8m', at])
        await store.put(encodedRecord(exampleRecord({ image: kept })))
        await store.put(encodedRecord(exampleRecord({ image: 100_000 })))
        await store.stop()
        await store.start()
        expect(store.size).toBe(kept + 2)
        await store.stop()
      })
    }
  )

  it.skipIf(!canMount())('a read-only disk gives STORE_READ_ONLY', async () => {
    await mkdir(join(folder, 'fixed'))
    await withMount(join(folder, 'fixed'), 'size=2m', async at => {
      const store = new LevelRecordStore(at)
      await store.start()
      await store.stop()
      execFileSync('mount', ['-o', 'remount,ro', at])
      await expect(store.start()).rejects.toMatchObject({ code: 'STORE_READ_ONLY' })
    })
  })
})
