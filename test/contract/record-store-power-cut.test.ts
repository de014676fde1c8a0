import { describe, expect, it, vi } from 'vitest'
import { type Random, randomBelow, seededRandom } from '../../base/random.ts'
import { encodedRecord } from '../../indexing/encoded-record.ts'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { exampleImage, exampleRecord, exampleSpace } from './example-record.ts'
import { ForgetfulDisk, systemError } from './forgetful/forgetful-disk.ts'
import { withMounted } from './forgetful/mount.ts'
import { seededPause } from './forgetful/seeded-pause.ts'

vi.mock('node:fs/promises', async real => (await import('./forgetful/forgetful-fs.ts')).forgetfulFs(await real()))
vi.mock('level', () => import('./forgetful/forgetful-level.ts'))

const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1)
const CUTS = 1000
const IMAGES = 8
const WORKERS = 4
const STEPS = 10

/** A version that was put, and the disk's times at which it was asked for and acknowledged. */
interface Put {
  readonly image: number
  readonly counter: number
  readonly from: number
  until: number
}

describe(`Level record store on a disk that forgets what was not synced (FIRST_SEED=${FIRST_SEED})`, () => {
  // Power is cut after every operation of random histories. Each image has the version that was acknowledged last or one
  // that was asked for later; count, codes and changes agree with the records.
  it(`a power cut at ${CUTS} points loses no acknowledged record`, async () => {
    let cuts = 0
    for (let seed = FIRST_SEED; cuts < CUTS; seed++) {
      const { disk, puts } = await play(`${seed}`)
      for (let time = 0; time <= disk.time; time++, cuts++) {
        await withMounted(disk.cut(time, seededRandom(`${seed}/${time}`)), folder =>
          check(
            folder,
            puts.filter(({ from }) => from <= time).map(put => ({ ...put, isSure: put.until <= time })),
            `seed ${seed}, cut ${time}`
          )
        )
      }
    }
  })

  it('a commit that failed but reached the log is read anew: records, count and changes agree', async () => {
    let isFailing = false
    const pause = async (syncDepth?: number): Promise<void> => {
      if (isFailing && syncDepth !== undefined) throw systemError('EIO')
    }
    await withMounted(new ForgetfulDisk({ pause }), async top => {
      const store = new LevelRecordStore(`${top}/index`)
      await store.start()
      await store.put(encodedRecord(exampleRecord({ image: 1 })))
      isFailing = true
      await expect(store.put(encodedRecord(exampleRecord({ image: 2 })))).rejects.toMatchObject({ code: 'INTERNAL' })
      isFailing = false
      await store.put(encodedRecord(exampleRecord({ image: 3 })))
      await expectAgreement(store, 'after the failure')
      expect(store.size).toBe(3)
      await store.stop()
    })
  })
})

async function play(seed: string): Promise<{ disk: ForgetfulDisk; puts: readonly Put[] }> {
  const random = seededRandom(`${seed}/history`)
  const disk = new ForgetfulDisk({ pause: seededPause(random) })
  const puts: Put[] = []
  await withMounted(disk, async top => {
    const store = new LevelRecordStore(`${top}/master/index`)
    await store.start()
    await Promise.all(Array.from({ length: WORKERS }, () => work({ disk, puts, random, store })))
    await store.stop()
  })
  return { disk, puts }
}

interface Working {
  readonly disk: ForgetfulDisk
  readonly puts: Put[]
  readonly random: Random
  readonly store: LevelRecordStore
}

async function work({ disk, puts, random, store }: Working): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const [image, counter] = [randomBelow(random, IMAGES), puts.length + 1]
    const put: Put = { image, counter, from: disk.time, until: Number.POSITIVE_INFINITY }
    puts.push(put)
    await store.put(encodedRecord(exampleRecord({ image, counter })))
    put.until = disk.time
  }
}

async function check(top: string, puts: readonly (Put & { isSure: boolean })[], where: string): Promise<void> {
  const store = new LevelRecordStore(`${top}/master/index`)
  await store.start()
  for (let image = 0; image < IMAGES; image++) {
    const own = puts.filter(put => put.image === image)
    const sure = Math.max(0, ...own.filter(({ isSure }) => isSure).map(({ counter }) => counter))
    const found = (await store.get(exampleImage(image)))?.record.stored?.version.counter ?? 0
    expect(found, `${where}: image ${image}`).toBeGreaterThanOrEqual(sure)
    expect([0, ...own.map(({ counter }) => counter)], where).toContain(found)
  }
  await expectAgreement(store, where)
  await store.stop()
}

async function expectAgreement(store: LevelRecordStore, where: string): Promise<void> {
  const records = await store.list(undefined, 1000)
  expect(store.size, where).toBe(records.length)
  expect(store.nearest(new Uint8Array(8), exampleSpace(), 1000), where).toHaveLength(records.length)
  const changes = await store.changes(0, 1000)
  expect(changes.map(({ record }) => record.id).sort(), where).toEqual(records.map(({ record }) => record.id).sort())
  expect(changes.at(-1)?.sequence ?? 0, where).toBeLessThanOrEqual(store.lastSequence)
}
