// Speed of the stores on this disk: durable puts of shadows, one at a time and 32 at once, beside bare files written the
// same safe way in the same run; gets; durable puts of records; a start. `node bench/storage.ts [--json] [FOLDER]`.
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toString as toText } from 'uint8arrays/to-string'
import { ownedImageId, sha256Hex } from '../base/bytes.ts'
import type { ImageId, PeerId, ShadowKey, SharingId, ShadowNumber } from '../base/ids.ts'
import { randomBytes, systemRandom } from '../base/random.ts'
import { syncFolder } from '../base/folders.ts'
import { encodedRecord } from '../indexing/encoded-record.ts'
import type { ImageRecord } from '../indexing/image-record.ts'
import { LevelRecordStore } from '../indexing/level-record-store.ts'
import { systemDisk } from '../storage/disk.ts'
import { DiskShadowStore } from '../storage/disk-shadow-store.ts'

const KIB = 1024
const AT_ONCE = 32
const RECORDS = 20_000
const SIZES = [16 * KIB, 1024 * KIB, 4096 * KIB]
const BYTES_PER_FIGURE = 128 * 1024 * KIB
const MOST_ROUNDS = 128

/** Shadows of one size. */
export interface ShadowStoreFigure {
  readonly bytes: number
  /** Median of puts one after the other, in ms. */
  readonly putMs: number
  /** Median of a bare write, fsync, rename and fsync of the folder, in ms. */
  readonly bareMs: number
  /** Shadows a second, 32 at once. */
  readonly putsPerSecond: number
  /** Bare files a second, 32 at once. */
  readonly barePerSecond: number
  /** Median of a get with its digest checked, in ms. */
  readonly getMs: number
}

/** Records of some 1,200 bytes. */
export interface RecordStoreFigure {
  /** Median of puts one after the other, in ms. */
  readonly putMs: number
  /** Puts a second, all at once. */
  readonly putsPerSecond: number
  /** Records a second that a start reads, checks and loads. */
  readonly loadsPerSecond: number
}

/** Measure in a new folder below `folder`, which is removed at the end. */
export async function measureStorage(
  folder: string
): Promise<{ shadows: ShadowStoreFigure[]; records: RecordStoreFigure }> {
  const root = await mkdtemp(join(folder, 'sfmedir-bench-'))
  try {
    const shadows: ShadowStoreFigure[] = []
    for (const bytes of SIZES) shadows.push(await measureShadows(join(root, `shadows-${bytes}`), bytes))
    return { shadows, records: await measureRecords(join(root, 'records')) }
  } finally {
    await rm(root, { recursive: true })
  }
}

/** The figures as text. */
export function storageTable({ shadows, records }: Awaited<ReturnType<typeof measureStorage>>): string {
  const cells = (values: readonly string[]): string => values.map(value => value.padStart(13)).join('')
  const lines = shadows.map(({ bytes, putMs, bareMs, putsPerSecond, barePerSecond, getMs }) => {
    const megabytes = (perSecond: number): string => ((perSecond * bytes) / 1e6).toFixed(1)
    const values = [putMs.toFixed(2), bareMs.toFixed(2), megabytes(putsPerSecond), megabytes(barePerSecond)]
    return `${`${bytes / KIB} KiB`.padEnd(10)}${cells([...values, getMs.toFixed(2)])}`
  })
  return [
    `${'shadows'.padEnd(10)}${cells(['put ms', 'bare file ms', `${AT_ONCE}x MB/s`, 'bare MB/s', 'get ms'])}`,
    ...lines,
    `records: put ${records.putMs.toFixed(2)} ms alone, ${records.putsPerSecond.toFixed(0)}/s at once; start loads ${records.loadsPerSecond.toFixed(0)}/s`
  ].join('\n')
}

const MASTER = `12D3KooW${'1'.repeat(44)}` as PeerId
const ORIGIN = Object.freeze({ asked: 0, counter: 1, master: MASTER, putAt: 0 })

async function measureShadows(folder: string, bytes: number): Promise<ShadowStoreFigure> {
  const rounds = Math.min(MOST_ROUNDS, Math.ceil(BYTES_PER_FIGURE / bytes))
  const store = new DiskShadowStore(folder)
  await store.start()
  const shadow = randomBytes(systemRandom, bytes)
  const keys = Array.from({ length: 2 * rounds }, newKey)
  const putMs = await eachMs(keys.slice(0, rounds), key => store.put(key, shadow, ORIGIN))
  const putsPerSecond = await atOnce(keys.slice(rounds), key => store.put(key, shadow, ORIGIN))
  const getMs = await eachMs(keys, async key => void (await store.get(key)))
  const bare = async (name: string): Promise<void> => {
    await systemDisk.write(join(folder, `${name}.tmp`), shadow)
    await rename(join(folder, `${name}.tmp`), join(folder, name))
    await syncFolder(folder)
  }
  const names = keys.map(({ image }) => image)
  const bareMs = await eachMs(names.slice(0, rounds), bare)
  const barePerSecond = await atOnce(names.slice(rounds), bare)
  await store.stop()
  return { bytes, putMs, bareMs, putsPerSecond, barePerSecond, getMs }
}

async function measureRecords(folder: string): Promise<RecordStoreFigure> {
  const store = new LevelRecordStore(folder)
  await store.start()
  const putMs = await eachMs(Array.from({ length: 50 }, newRecord), async record => {
    await store.put(encodedRecord(record))
  })
  const records = Array.from({ length: RECORDS }, newRecord)
  const begin = performance.now()
  await Promise.all(records.map(record => store.put(encodedRecord(record))))
  const putsPerSecond = perSecond(records.length, begin)
  await store.stop()
  const startBegin = performance.now()
  await store.start()
  const loadsPerSecond = perSecond(store.size, startBegin)
  await store.stop()
  return { putMs, putsPerSecond, loadsPerSecond }
}

async function eachMs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
  const times: number[] = []
  for (const item of items) {
    const begin = performance.now()
    await work(item)
    times.push(performance.now() - begin)
  }
  return times.sort((a, b) => a - b)[times.length >> 1]
}

/** Items a second with {@link AT_ONCE} of them going on. */
async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
  const begin = performance.now()
  const queue = items.values()
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return perSecond(items.length, begin)
}

function perSecond(count: number, begin: number): number {
  return count / ((performance.now() - begin) / 1000)
}

function newKey(): ShadowKey {
  const random = randomBytes(systemRandom, 16)
  const sharing = toText(random.subarray(0, 8), 'hex') as SharingId
  return { image: sha256Hex(random) as ImageId, sharing, number: 1 as ShadowNumber }
}

function newRecord(): ImageRecord {
  const { image: digest, sharing } = newKey()
  const peer = (n: number): PeerId => `12D3KooW${'1'.repeat(43)}${n}` as PeerId
  const numbers = [1, 2, 3] as ShadowNumber[]
  const signature = randomBytes(systemRandom, 64)
  const holders = numbers.map(number => ({ slave: peer(number), number, digest, bytes: 1, receipt: signature }))
  const space = { model: 'a'.repeat(64), view: 'b'.repeat(64), bits: 64 }
  const code = signature.slice(0, 8)
  const [owner, master, time] = [peer(4), peer(5), 0]
  const id = ownedImageId(owner, digest)
  const asked = { id, owner, master, time, digest, space, code, size: 1, metadata: signature }
  const claim = { ...asked, ownerSignature: signature }
  const placement = { scheme: 'bench', sharing, total: 3, holders, sealedThreshold: signature }
  const version = { counter: 1, master }
  const stored = { version, time, claim, placement, cosign: undefined, masterSignature: signature }
  return { id, format: 2, stored, deletion: undefined }
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv.slice(2).find(argument => !argument.startsWith('--')) ?? tmpdir()
  const figures = await measureStorage(folder)
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : storageTable(figures))
}
