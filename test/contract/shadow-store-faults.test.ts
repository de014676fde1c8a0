import { execFileSync, spawn } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import { type Disk, systemDisk } from '../../storage/disk.ts'
import { DiskShadowStore, type DiskShadowStoreInit } from '../../storage/disk-shadow-store.ts'
import { filePath } from '../../storage/shadow-file.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from './example-shadow.ts'
import { canMount, withMount } from './small-disk.ts'

describe('disk shadow store: faults', () => {
  let folder: string
  let store: DiskShadowStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfmedir-faults-'))
    store = open()
  })
  afterEach(async () => {
    await store.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (init: DiskShadowStoreInit = {}): DiskShadowStore =>
    new DiskShadowStore(folder, { reserveBytes: 0, ...init })
  const pathOf = (n: number): string => {
    const digest = merkleRoot(exampleShadow(n))
    return join(folder, 'shadows', filePath({ ...exampleKey(n), ...ORIGIN, digest }))
  }
  const put = (n: number): Promise<void> => store.put(exampleKey(n), exampleShadow(n), ORIGIN)
  const filesBelow = async (): Promise<string[]> => {
    const all = await readdir(join(folder, 'shadows'), { recursive: true, withFileTypes: true })
    return all.map(entry => entry.name)
  }

  it('one flipped bit, a cut and a lengthened file: get gives SHADOW_CORRUPT, and the same put again repairs', async () => {
    await store.start()
    for (const n of [1, 2, 3]) await put(n)
    const flipped = await readFile(pathOf(1))
    flipped[50] ^= 1
    await writeFile(pathOf(1), flipped)
    await truncate(pathOf(2), 99)
    await appendFile(pathOf(3), 'x')
    for (const n of [1, 2, 3]) {
      await expect(store.get(exampleKey(n))).rejects.toMatchObject({ code: 'SHADOW_CORRUPT' })
      await put(n)
      expect([...(await store.get(exampleKey(n)))]).toEqual([...exampleShadow(n)])
    }
    expect(await store.usage()).toMatchObject({ shadows: 3, usedBytes: 300 })
  })

  it('start removes temporary files, takes sound files in, removes damaged ones and reports lost ones', async () => {
    await store.start()
    for (const n of [1, 2, 3]) await put(n)
    await store.stop()
    await rm(join(folder, 'metadata'), { recursive: true }) // 1, 2, 3 are files without metadata now
    await writeFile(pathOf(2), 'damaged')
    await writeFile(`${pathOf(1)}.tmp`, 'half')
    await writeFile(join(folder, 'shadows', 'note.txt'), 'not ours')
    await store.start()
    expect(store.startReport).toMatchObject({ temporaries: 1, adopted: 2, removed: 1, lost: [], shadows: 2 })
    expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
    await expect(store.get(exampleKey(2))).rejects.toMatchObject({ code: 'SHADOW_MISSING' })
    await store.stop()
    await rm(pathOf(3))
    await store.start()
    expect(store.startReport).toMatchObject({ temporaries: 0, adopted: 0, lost: [exampleKey(3)], shadows: 1 })
    expect(await store.list()).toHaveLength(1)
    expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 100 })
  })

  it('of two files of one sharing without metadata one is held', async () => {
    await store.start()
    await put(1)
    await store.stop()
    const second = { ...exampleKey(1, 1, 2), ...ORIGIN, digest: merkleRoot(exampleShadow(2)) }
    await writeFile(join(folder, 'shadows', filePath(second)), exampleShadow(2))
    await store.start()
    expect(store.startReport).toMatchObject({ removed: 1, adopted: 0, shadows: 1 })
    expect([...(await store.get(exampleKey(1)))]).toEqual([...exampleShadow(1)])
  })

  it('leaves no folder behind for what was dropped', async () => {
    await store.start()
    await Promise.all(Array.from({ length: 30 }, (_, n) => put(n)))
    for (let n = 0; n < 30; n++) expect(await store.drop(exampleKey(n), dropAt(1))).toBe(true)
    expect(await filesBelow()).toEqual([])
  })

  it('puts and drops of 40 shadows in one outer folder at once end well', async () => {
    await store.start()
    const near = (n: number) => ({
      ...exampleKey(1),
      image: `ab${(n % 3).toString(16).padStart(2, '0')}${sha256Hex(exampleShadow(n)).slice(4)}` as never
    })
    const work = Array.from({ length: 40 }, async (_, n) => {
      for (let turn = 0; turn < 3; turn++) {
        await store.put(near(n), exampleShadow(n), ORIGIN)
        expect(await store.drop(near(n), dropAt(1))).toBe(true)
      }
    })
    await Promise.all(work)
    expect(await store.usage()).toMatchObject({ shadows: 0, usedBytes: 0 })
  })

  it('a second store on the folder, in this process or another, gets STORE_LOCKED', async () => {
    await store.start()
    await expect(open().start()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    const child = spawn(process.execPath, [join(import.meta.dirname, 'shadow-writer.ts'), folder, '0'])
    let text = ''
    child.stderr.on('data', chunk => {
      text += chunk
    })
    child.stdout.once('data', () => child.kill('SIGKILL')) // it started, which it must not
    const status = await new Promise(resolve => child.once('exit', resolve))
    expect(status).toBe(1)
    expect(text).toContain('STORE_LOCKED')
    await put(1)
  })

  it('a file in the place of the folder gives STORE_READ_ONLY', async () => {
    await writeFile(join(folder, 'file'), '')
    const other = new DiskShadowStore(join(folder, 'file'))
    await expect(other.start()).rejects.toMatchObject({ code: 'STORE_READ_ONLY' })
  })

  const failures: { id: string; disk: Partial<Disk>; code: string }[] = [
    { id: 'write: ENOSPC', disk: { write: failing('ENOSPC') }, code: 'STORE_FULL' },
    { id: 'rename: ENOSPC', disk: { rename: failing('ENOSPC') }, code: 'STORE_FULL' },
    { id: 'sync of the folder: EDQUOT', disk: { syncFolder: failing('EDQUOT') }, code: 'STORE_FULL' },
    { id: 'write: EROFS', disk: { write: failing('EROFS') }, code: 'STORE_READ_ONLY' },
    { id: 'write: EACCES', disk: { write: failing('EACCES') }, code: 'STORE_READ_ONLY' },
    { id: 'write: EIO', disk: { write: failing('EIO') }, code: 'INTERNAL' },
    { id: 'free space below the size', disk: { freeBytes: async () => 99 }, code: 'STORE_FULL' }
  ]
  for (const { id, disk, code } of failures) {
    it(`${id} gives ${code} and keeps nothing`, async () => {
      store = open({ disk: { ...systemDisk, ...disk } })
      await store.start()
      await expect(put(1)).rejects.toMatchObject({ code })
      expect(await store.usage()).toMatchObject({ shadows: 0, usedBytes: 0 })
      await store.stop()
      store = open()
      await store.start()
      expect(store.startReport).toMatchObject({ temporaries: 0, adopted: 0, removed: 0, lost: [], shadows: 0 })
      await put(1)
    })
  }

  it('the reserve is kept free', async () => {
    store = open({ reserveBytes: 900, disk: { ...systemDisk, freeBytes: async () => 1000 } })
    await store.start()
    await put(1)
    expect(await store.usage()).toMatchObject({ freeBytes: 100 })
    await expect(store.put(exampleKey(2), exampleShadow(2, 101), ORIGIN)).rejects.toMatchObject({ code: 'STORE_FULL' })
  })

  it.skipIf(!canMount())(
    'a real file system of 4 MiB fills up with STORE_FULL, and works on after a drop',
    async () => {
      await withMount(join(folder, 'small'), 'size=4m', async at => {
        // The free space is hidden, so that the write itself meets the end of the disk.
        const small = new DiskShadowStore(at, { disk: { ...systemDisk, freeBytes: async () => 2 ** 40 } })
        await small.start()
        try {
          let kept = 0
          const fill = async (): Promise<void> => {
            for (; kept < 20; kept++) await small.put(exampleKey(kept), exampleShadow(kept, 500_000), ORIGIN)
          }
          await expect(fill()).rejects.toMatchObject({ code: 'STORE_FULL' })
          expect(kept).toBeGreaterThan(3)
          expect(await small.usage()).toMatchObject({ shadows: kept, usedBytes: kept * 500_000 })
          await small.drop(exampleKey(0), dropAt(1))
          await small.put(exampleKey(99), exampleShadow(99, 400_000), ORIGIN)
          await small.stop()
          await small.start()
          expect(small.startReport).toMatchObject({ temporaries: 0, adopted: 0, removed: 0, lost: [], shadows: kept })
        } finally {
          await small.stop()
        }
      })
    }
  )

  it.skipIf(!canMount())('a real read-only file system gives STORE_READ_ONLY', async () => {
    await withMount(join(folder, 'fixed'), 'size=4m', async at => {
      const fixed = new DiskShadowStore(at, { reserveBytes: 0 })
      await fixed.start()
      await fixed.put(exampleKey(1), exampleShadow(1), ORIGIN)
      await fixed.stop()
      execFileSync('mount', ['-o', 'remount,ro', at])
      await expect(fixed.start()).rejects.toMatchObject({ code: 'STORE_READ_ONLY' })
      await fixed.stop()
    })
  })
})

function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`injected ${code}`), { code }))
}
