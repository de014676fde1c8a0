import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  type PathLike,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncedLevel } from '../../../base/synced-level.ts'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { LevelRecordStore } from '../../../indexing/level-record-store.ts'
import { backupPeer, restorePeer } from '../../../node/backup/backup-peer.ts'
import { copyLevel } from '../../../node/backup/copy-level.ts'
import { DiskShadowStore } from '../../../storage/disk-shadow-store.ts'
import { exampleRecord } from '../../contract/example-record.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from '../../contract/example-shadow.ts'

let folder: string
const at = (...names: string[]): string => join(folder, ...names)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfmedir-backup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a database that is written to', () => {
  it('is copied with all that was acknowledged before, in every one of the copies made meanwhile', async () => {
    const level = new SyncedLevel(at('db'))
    await level.open()
    const value = Buffer.alloc(64 * 1024, 7) // so that the log is rotated and tables are merged again and again
    let written = 0
    let ends = false
    const writing = (async () => {
      for (; !ends; written++)
        await level.commit([{ type: 'put', key: `k${written % 97}`, value: withNumber(value, written) }])
    })()
    let copies = 0
    try {
      for (; copies < 8 || written < 100; copies++) {
        const before = written
        await copyLevel(at('db'), at(`copy-${copies}`))
        const copy = new SyncedLevel(at(`copy-${copies}`))
        await copy.open()
        const numbers = (await copy.list({ gte: 'k', limit: 100 })).map(([, bytes]) =>
          Buffer.from(bytes).readUInt32BE()
        )
        await copy.close()
        rmSync(at(`copy-${copies}`), { recursive: true })
        if (before > 0) expect(Math.max(...numbers)).toBeGreaterThanOrEqual(before - 1)
        expect(numbers.length).toBe(Math.min(97, Math.max(...numbers) + 1))
      }
    } finally {
      ends = true
      await writing
      await level.close()
    }
    expect(readdirSync(at('db')).some(name => name.endsWith('.ldb'))).toBe(true)
  })

  const files = {
    CURRENT: 'MANIFEST-1\n',
    'MANIFEST-1': 'table 2',
    '000002.ldb': 'two',
    '000003.log': 'three',
    LOCK: ''
  }
  const made = (): void => {
    mkdirSync(at('db'))
    for (const [name, text] of Object.entries(files)) writeFileSync(at('db', name), text)
  }

  it('is copied anew when its tables are merged meanwhile: never a list with a table that is not there', async () => {
    made()
    let merges = 0
    await copyLevel(at('db'), at('copy'), async (from, to) => {
      await copyFile(from, to)
      if (!String(from).endsWith('MANIFEST-1') || ++merges > 2) return
      writeFileSync(at('db', `00001${merges}.ldb`), 'merged')
      rmSync(at('db', merges === 1 ? '000002.ldb' : '000011.ldb'))
      writeFileSync(at('db', 'MANIFEST-1'), `table 1${merges} and no other: a longer list`.padEnd(50 + merges))
    })
    expect(merges).toBe(3)
    expect(readdirSync(at('copy')).toSorted()).toEqual(['000003.log', '000012.ldb', 'CURRENT', 'MANIFEST-1'])
    expect(readFileSync(at('copy', 'MANIFEST-1'), 'utf8')).toMatch(/^table 12 /)
  })

  it('that never comes to rest is BUSY', async () => {
    made()
    let size = 0
    const growing = async (from: PathLike, to: PathLike): Promise<void> => {
      await copyFile(from, to)
      writeFileSync(at('db', 'MANIFEST-1'), 'x'.repeat(++size))
    }
    await expect(copyLevel(at('db'), at('copy'), growing)).rejects.toMatchObject({ code: 'BUSY' })
  })
})

function withNumber(value: Buffer, number: number): Uint8Array {
  const numbered = Buffer.from(value)
  numbered.writeUInt32BE(number)
  return numbered
}

describe('a peer', () => {
  const keys = [1, 2, 3].map(image => exampleKey(image))
  let records: LevelRecordStore
  let shadows: DiskShadowStore

  beforeEach(async () => {
    await mkdir(at('data'))
    writeFileSync(at('data', 'identity.key'), 'a seed', { mode: 0o600 })
    records = new LevelRecordStore(at('data', 'records'))
    shadows = new DiskShadowStore(at('data', 'shadows'))
    await records.start()
    await shadows.start()
    await records.put(encodedRecord(exampleRecord({ image: 'a' })))
    for (const key of keys.slice(0, 2)) await shadows.put(key, exampleShadow(key.image), ORIGIN)
  })
  afterEach(async () => {
    await records.stop()
    await shadows.stop()
  })

  it('is backed up while its stores are open; what is restored reads as it was', async () => {
    expect(await backupPeer(at('data'), at('backup'))).toMatchObject({ records: 1 })
    expect(statSync(at('backup')).mode & 0o777).toBe(0o700)
    expect(statSync(at('backup', 'identity.key')).mode & 0o777).toBe(0o600)
    expect(await restorePeer(at('backup'), at('new'))).toMatchObject({ records: 1, shadows: 2 })
    const restored = new DiskShadowStore(at('new', 'shadows'))
    await restored.start()
    expect(Uint8Array.from(await restored.get(keys[0]))).toEqual(exampleShadow(keys[0].image))
    expect(await restored.find(keys[1])).toEqual(await shadows.find(keys[1]))
    await restored.stop()
    expect(existsSync(at('data', 'backup-stage'))).toBe(false)
  })

  it('again copies what is new alone; a shadow dropped between is restored once', async () => {
    await backupPeer(at('data'), at('backup'))
    await records.put(encodedRecord(exampleRecord({ image: 'b' })))
    await shadows.put(keys[2], exampleShadow(keys[2].image), ORIGIN)
    await shadows.drop(keys[0], dropAt(1))
    const again = await backupPeer(at('data'), at('backup'))
    expect(again.records).toBe(2)
    expect(again.known).toBeGreaterThan(1)
    const restored = await restorePeer(at('backup'), at('new'))
    expect(restored.records).toBe(2)
    const store = new DiskShadowStore(at('new', 'shadows'))
    await store.start()
    expect((await store.list()).filter(({ image }) => image === keys[0].image).length).toBeLessThanOrEqual(1)
    expect(Uint8Array.from(await store.get(keys[2]))).toEqual(exampleShadow(keys[2].image))
    await store.stop()
  })

  it.each([
    ['no data folder', () => backupPeer(at('none'), at('backup')), 'FILE_UNREADABLE'],
    ['a folder that holds something else', () => backupPeer(at('data'), at('data', 'shadows')), 'FILE_UNWRITABLE'],
    ['no backup to restore', () => restorePeer(at('data'), at('new')), 'FILE_UNREADABLE']
  ])('%s is refused', async (_, work, code) => {
    await expect(work()).rejects.toMatchObject({ code })
  })

  it('a data folder with an index or shadows is never overwritten', async () => {
    await backupPeer(at('data'), at('backup'))
    await expect(restorePeer(at('backup'), at('data'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    await mkdir(at('half', 'shadows'), { recursive: true })
    await expect(restorePeer(at('backup'), at('half'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  })
})
