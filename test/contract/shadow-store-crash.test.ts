import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { randomBelow, seededRandom } from '../../base/random.ts'
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { exampleKey, exampleShadow } from './example-shadow.ts'
import { killAfter } from './kill-child.ts'

const SEED = 11
const ROUNDS = 6

describe(`disk shadow store: SIGKILL (seed ${SEED})`, () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfmedir-crash-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it(`killed ${ROUNDS} times while putting and dropping: every acknowledged shadow is there, no acknowledged drop comes back`, async () => {
    const random = seededRandom(SEED)
    const put = new Set<number>()
    const maybeDropped = new Set<number>()
    const dropped = new Set<number>()
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await killAfter('shadow-writer.ts', [folder, `${round * 10_000}`], 5 + randomBelow(random, 60))
      for (const line of lines) {
        const [word, n] = line.split(' ')
        if (word === 'put') put.add(Number(n))
        if (word === 'dropping') maybeDropped.add(Number(n))
        if (word === 'dropped') dropped.add(Number(n))
      }
      await checkStore({ folder, put, maybeDropped, dropped })
    }
    expect(put.size).toBeGreaterThan(ROUNDS)
  })
})

interface Expected {
  folder: string
  put: ReadonlySet<number>
  maybeDropped: ReadonlySet<number>
  dropped: ReadonlySet<number>
}

async function checkStore({ folder, put, maybeDropped, dropped }: Expected): Promise<void> {
  const store = new DiskShadowStore(folder, { reserveBytes: 0 })
  await store.start()
  try {
    expect(store.startReport?.lost).toEqual([])
    for (const n of put) {
      if (maybeDropped.has(n)) continue
      const length = 1 + ((n * 7919) % 20_000)
      expect(sha256Hex(await store.get(exampleKey(n))), `shadow ${n}`).toBe(sha256Hex(exampleShadow(n, length)))
    }
    for (const n of dropped) {
      await expect(store.get(exampleKey(n)), `shadow ${n}`).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
    }
    const entries = await store.list()
    const usedBytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    expect(await store.usage()).toMatchObject({ shadows: entries.length, usedBytes })
    const files = await readdir(join(folder, 'shadows'), { recursive: true, withFileTypes: true })
    const names = files.filter(file => file.isFile()).map(file => file.name)
    expect(names.filter(name => name.endsWith('.tmp'))).toEqual([])
    expect(names).toHaveLength(entries.length)
  } finally {
    await store.stop()
  }
}
