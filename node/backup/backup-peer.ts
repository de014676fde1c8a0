import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'
import { writeWhole } from '../../base/write-whole.ts'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { type Copied, copyDataFolder } from './copy-folder.ts'

/** What a data folder holds. */
export interface Held {
  /** Records of the index, tombstones too; undefined where there is no index. */
  readonly records: number | undefined
  /** Shadows; undefined where there are none. */
  readonly shadows: number | undefined
}

const MARK = 'sfmedir-backup.json'
const VERSION = 1
const RECORDS = 'records'
const SHADOWS = 'shadows'

/**
 * Copy a peer's data folder into a folder for backups while the peer runs; a later call brings it up to date. With the identity,
 * so whoever has it can be this peer. The copied index is opened once, to see that it can be.
 * @throws NetError `FILE_UNREADABLE` without a data folder, `FILE_UNWRITABLE`, `BUSY`, `STORE_CORRUPT` when the copy does not open
 */
export async function backupPeer(dataFolder: string, to: string): Promise<Copied & { readonly records?: number }> {
  const names = await namesIn(dataFolder)
  if (names === undefined) throw new NetError('FILE_UNREADABLE', `there is no folder ${dataFolder}`)
  const there = (await namesIn(to)) ?? []
  if (there.length > 0 && !there.includes(MARK)) {
    throw new NetError('FILE_UNWRITABLE', `${to} holds something else than a backup`)
  }
  await writeWhole(join(to, MARK), `${JSON.stringify({ version: VERSION })}\n`, { overwrite: true, mode: 0o600 })
  await chmod(to, 0o700)
  const copied = await copyDataFolder(dataFolder, to)
  return { ...copied, records: names.includes(RECORDS) ? await countRecords(to) : undefined }
}

/**
 * Make a peer's data folder from a backup; the peer itself is started afterwards.
 * @throws NetError `FILE_UNREADABLE` when there is no backup, `FILE_UNWRITABLE` when the data folder holds an index or shadows already,
 *   `STORE_CORRUPT` when what was restored does not open
 */
export async function restorePeer(from: string, dataFolder: string): Promise<Copied & Held> {
  const names = (await namesIn(from)) ?? []
  if (!names.includes(MARK)) throw new NetError('FILE_UNREADABLE', `${from} holds no backup`)
  const there = (await namesIn(dataFolder)) ?? []
  const taken = there.find(name => name === RECORDS || name === SHADOWS)
  if (taken !== undefined) {
    throw new NetError('FILE_UNWRITABLE', `${dataFolder} holds ${taken} already: name another folder, or move it away`)
  }
  const copied = await copyDataFolder(from, dataFolder)
  await rm(join(dataFolder, MARK))
  const records = names.includes(RECORDS) ? await countRecords(dataFolder) : undefined
  const shadows = names.includes(SHADOWS) ? await countShadows(dataFolder) : undefined
  return { ...copied, records, shadows }
}

async function countRecords(folder: string): Promise<number> {
  const store = new LevelRecordStore(join(folder, RECORDS))
  await store.start()
  try {
    return store.size
  } finally {
    await store.stop()
  }
}

async function countShadows(folder: string): Promise<number> {
  const store = new DiskShadowStore(join(folder, SHADOWS))
  await store.start()
  try {
    return (await store.usage()).shadows
  } finally {
    await store.stop()
  }
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new NetError('FILE_UNREADABLE', `${folder} cannot be read (${systemCode(error)})`, { cause: error })
  }
}
