import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { merkleRoot } from '../../base/merkle-tree.ts'
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

  it(`killed ${ROUNDS} times while putting, dropping and restoring: what was acknowledged is where it was said to be`, async () => {
    const random = seededRandom(SEED)
    const last = new Map<number, string>()
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await killAfter('shadow-writer.ts', [folder, `${round * 10_000}`], 5 + randomBelow(random, 60))
      for (const [word, n] of lines.map(line => line.split(' '))) if (n !== undefined) last.set(Number(n), word)
      await checkStore(folder, last)
    }
    expect(new Set(last.values())).toContain('restored')
    expect(last.size).toBeGreaterThan(ROUNDS)
  })
})

/** @param last what the killed process said last of each shadow */
async function checkStore(folder: string, last: ReadonlyMap<number, string>): Promise<void> {
  const store = new DiskShadowStore(folder, { reserveBytes: 0 })
  await store.start()
  try {
    expect(store.startReport?.lost).toEqual([])
    for (const [n, word] of last) {
      const digest = merkleRoot(exampleShadow(n, 1 + ((n * 7919) % 20_000)))
      const held = await store.find(exampleKey(n))
      const [trashed] = await store.listTrash({ image: exampleKey(n).image })
      const whole = held === undefined ? undefined : merkleRoot(await store.get(exampleKey(n)))
      if (word === 'put' || word === 'restored') expect(whole, `shadow ${n}, ${word}`).toBe(digest)
      if (word === 'dropped') expect([held, trashed?.digest], `shadow ${n}, ${word}`).toEqual([undefined, digest])
      // Killed in the middle: in one of the two places, or in both.
      expect(whole ?? trashed?.digest, `shadow ${n}, ${word}`).toBe(digest)
    }
    const entries = await store.list()
    const usedBytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    const trash = await store.listTrash()
    expect(await store.usage()).toMatchObject({ shadows: entries.length, usedBytes, trashed: trash.length })
    for (const [name, count] of [
      ['shadows', entries.length],
      ['trash', trash.length]
    ] as const) {
      const files = await readdir(join(folder, name), { recursive: true, withFileTypes: true })
      const names = files.filter(file => file.isFile()).map(file => file.name)
      expect(names.filter(each => each.endsWith('.tmp'))).toEqual([])
      expect(names).toHaveLength(count)
    }
  } finally {
    await store.stop()
  }
}
