import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Level } from 'level'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import { type Disk, systemDisk } from '../../storage/disk.ts'
import { DiskShadowStore, type DiskShadowStoreInit } from '../../storage/disk-shadow-store.ts'
import { filePath, trashPath } from '../../storage/shadow-file.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from './example-shadow.ts'

const NO_ORIGIN = { asked: 0, counter: 0, master: undefined, putAt: 0 }

describe('disk shadow store: faults of the trash', () => {
  let folder: string
  let store: DiskShadowStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfmedir-trash-'))
    store = open()
    await store.start()
  })
  afterEach(async () => {
    await store.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (init: DiskShadowStoreInit = {}): DiskShadowStore =>
    new DiskShadowStore(folder, { reserveBytes: 0, ...init })
  const fileOf = (n: number) => ({ ...exampleKey(n), ...ORIGIN, digest: merkleRoot(exampleShadow(n)) })
  const heldPath = (n: number) => join(folder, 'shadows', filePath(fileOf(n)))
  const pathInTrash = (n: number, time = n) =>
    join(folder, 'trash', trashPath({ ...fileOf(n), time, reason: 'aborted' }))
  const put = (n: number) => store.put(exampleKey(n), exampleShadow(n), ORIGIN)
  const drop = (n: number, time = n) => store.drop(exampleKey(n), dropAt(time, 'aborted'))
  const again = async (init?: DiskShadowStoreInit) => {
    await store.stop()
    store = open(init)
    await store.start()
  }

  it('without any metadata a start finds what is held and what is in the trash, with origin, time and reason', async () => {
    for (const n of [1, 2, 3]) await put(n)
    for (const n of [1, 2]) await drop(n)
    const [held, trash] = [await store.list(), await store.listTrash()]
    await store.stop()
    await rm(join(folder, 'metadata'), { recursive: true })
    await store.start()
    expect(store.startReport).toMatchObject({ adopted: 3, removed: 0, shadows: 1, trashed: 2, trashBytes: 200 })
    const fromFiles = { putAt: 0 } // all but when it came
    expect(await store.list()).toEqual(held.map(entry => ({ ...entry, ...fromFiles })))
    expect(await store.listTrash()).toEqual(trash.map(entry => ({ ...entry, ...fromFiles })))
    expect(trash[0]).toMatchObject({ ...ORIGIN, reason: 'aborted' })
    expect(await store.expire(2)).toBe(1)
    expect(await store.restore(exampleKey(2))).toBe(true)
    expect([...(await store.get(exampleKey(2)))]).toEqual([...exampleShadow(2)])
  })

  it('a drop killed between file and metadata is complete after the start, and nothing counts as lost', async () => {
    await put(1)
    await store.stop()
    await systemDisk.makeFolder(dirname(pathInTrash(1)))
    await rename(heldPath(1), pathInTrash(1))
    await store.start()
    expect(store.startReport).toMatchObject({ lost: [], shadows: 0, trashed: 1 })
    expect(await store.listTrash()).toMatchObject([{ ...fileOf(1), putAt: 0, time: 1, reason: 'aborted' }])
    expect(await store.restore(exampleKey(1))).toBe(true)
  })

  it('a restore killed between file and metadata is complete after the start', async () => {
    await put(1)
    await drop(1)
    await store.stop()
    await systemDisk.makeFolder(dirname(heldPath(1)))
    await rename(pathInTrash(1), heldPath(1))
    await store.start()
    expect(store.startReport).toMatchObject({ lost: [], shadows: 1, trashed: 0 })
    expect(await store.find(exampleKey(1))).toMatchObject({ ...ORIGIN, putAt: 0 })
  })

  it('a trash file that the disk lost is no longer listed, of two files of a sharing the later drop stays', async () => {
    for (const n of [1, 2]) await put(n)
    for (const n of [1, 2]) await drop(n)
    await store.stop()
    await rm(pathInTrash(1))
    await writeFile(pathInTrash(2, 9), exampleShadow(2))
    await rm(join(folder, 'metadata'), { recursive: true })
    await store.start()
    expect(store.startReport).toMatchObject({ adopted: 1, removed: 1, trashed: 1, trashBytes: 100 })
    expect(await store.listTrash()).toMatchObject([{ ...exampleKey(2), time: 9 }])
  })

  it('a shadow that rotted in the trash is not restored: SHADOW_CORRUPT', async () => {
    await put(1)
    await drop(1)
    const bytes = await readFile(pathInTrash(1))
    bytes[3] ^= 1
    await writeFile(pathInTrash(1), bytes)
    await expect(store.restore(exampleKey(1))).rejects.toMatchObject({ code: 'SHADOW_CORRUPT' })
    expect(await store.usage()).toMatchObject({ shadows: 0, trashed: 1 })
  })

  it('a drop of a shadow that the disk lost leaves nothing to restore', async () => {
    await put(1)
    await rm(heldPath(1))
    expect(await drop(1)).toBe(true)
    expect(await store.usage()).toMatchObject({ shadows: 0, usedBytes: 0, trashed: 0 })
  })

  it('expired and restored shadows leave no folder behind', async () => {
    for (const n of [1, 2]) await put(n)
    for (const n of [1, 2]) await drop(n)
    await store.expire(2)
    await store.restore(exampleKey(2))
    expect(await readdir(join(folder, 'trash'), { recursive: true })).toEqual([])
  })

  const failures: Partial<Record<keyof Disk, string>>[] = [
    { rename: 'ENOSPC' },
    { addFolder: 'EROFS' },
    { syncFolder: 'EIO' }
  ]
  for (const failure of failures) {
    const [[name, code]] = Object.entries(failure)
    it(`a drop whose ${name} fails with ${code} leaves the shadow held, now and after a start`, async () => {
      await put(1)
      let isBroken = true
      const call = systemDisk[name as 'rename']
      const broken = async (from: string, to: string): Promise<void> => {
        if (isBroken) throw Object.assign(new Error(`injected ${code}`), { code })
        return call(from, to)
      }
      await store.stop()
      const next = open({ disk: { ...systemDisk, [name]: broken } })
      isBroken = false
      await next.start()
      store = next
      isBroken = true
      await expect(drop(1)).rejects.toMatchObject({ name: 'NetError' })
      isBroken = false
      expect(await store.usage()).toMatchObject({ shadows: 1, usedBytes: 100, trashed: 0 })
      await again()
      expect(store.startReport?.lost).toEqual([])
      const [held, trash] = [await store.list(), await store.listTrash()]
      expect(held.length + trash.length).toBe(1) // the way back may fail as well, but nothing is lost
    })
  }

  it('killed at any file operation of a drop and of a restore: the shadow is whole, here or there', async () => {
    const key = exampleKey(1)
    for (const verb of ['drop', 'restore'] as const) {
      for (let at = 1, isOver = false; !isOver; at++) {
        const { disk, dead } = dying(at)
        await again({ disk: { ...systemDisk, ...disk } })
        if (verb === 'drop' && (await store.find(key)) === undefined) await put(1)
        if (verb === 'restore' && (await store.find(key)) !== undefined) await drop(1)
        dead.armed = true
        const end = await (verb === 'drop' ? drop(1) : store.restore(key)).then(
          () => 'done',
          () => 'died'
        )
        const where = `${verb} killed at operation ${at}`
        await again()
        expect(store.startReport, where).toMatchObject({ lost: [], removed: 0 })
        const [[held], [trashed]] = [await store.list(), await store.listTrash()]
        if (end === 'done') expect(verb === 'drop' ? trashed : held, where).toBeDefined()
        expect((held ?? trashed)?.digest, where).toBe(merkleRoot(exampleShadow(1)))
        if (held === undefined) expect(await store.restore(key), where).toBe(true)
        expect([...(await store.get(key))], where).toEqual([...exampleShadow(1)])
        isOver = dead.count < at
      }
    }
  })

  it('a disk that is full before its free space says so: the trash gives way, oldest first', async () => {
    for (const n of [1, 2, 3]) await put(n)
    for (const n of [2, 1, 3]) await drop(n, 10 - n)
    const full = async (path: string, bytes: Uint8Array): Promise<void> => {
      if ((await store.usage()).trashed > 1) throw Object.assign(new Error('injected ENOSPC'), { code: 'ENOSPC' })
      return systemDisk.write(path, bytes)
    }
    await again({ disk: { ...systemDisk, write: full } })
    await put(4)
    expect(await store.listTrash()).toMatchObject([{ ...exampleKey(1), time: 9 }])
  })

  it('files and metadata of version 1 are read, with no origin, and can be dropped and restored', async () => {
    await store.stop()
    const [key, shadow] = [exampleKey(1), exampleShadow(1)]
    const path = join(folder, 'shadows', filePath({ ...key, ...NO_ORIGIN, digest: sha256Hex(shadow) }))
    expect(path.endsWith(`/${key.image}.${key.sharing}.1.${sha256Hex(shadow)}`)).toBe(true)
    await systemDisk.makeFolder(dirname(path))
    await writeFile(path, shadow)
    const level = new Level<string, Uint8Array>(join(folder, 'metadata'), { valueEncoding: 'view' })
    const name = `${key.image}/${key.sharing}`
    const value = Buffer.concat([
      Buffer.from([1, 1, 0, 0, 0, 0, 0, 100]),
      Buffer.from(sha256Hex(shadow), 'hex'),
      Buffer.alloc(4)
    ])
    value.writeUInt32BE(crc32(value.subarray(0, 40), crc32(name)), 40)
    await level.put(name, value)
    await level.close()
    await store.start()
    expect(store.startReport).toMatchObject({ adopted: 0, damagedMetadata: 0, shadows: 1 })
    expect(await store.find(key)).toMatchObject({ ...NO_ORIGIN, bytes: 100 })
    await drop(1)
    await again()
    expect(await store.restore(key)).toBe(true)
    expect([...(await store.get(key))]).toEqual([...shadow])
  })
})

/** A disk whose every operation fails from the `at`-th on, once armed. */
function dying(at: number) {
  const dead = { armed: false, count: 0 }
  const disk = Object.fromEntries(
    Object.entries(systemDisk).map(([name, call]) => [
      name,
      async (...given: never[]) => {
        if (dead.armed && ++dead.count >= at) throw Object.assign(new Error('killed'), { code: 'EIO' })
        return (call as (...args: never[]) => unknown)(...given)
      }
    ])
  ) as Partial<Disk>
  return { disk, dead }
}
