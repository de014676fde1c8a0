import { describe, expect, it, vi } from 'vitest'
import { randomBelow, seededRandom } from '../../base/random.ts'
import { sha256Hex } from '../../base/bytes.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import type { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { metadataKey } from '../../storage/shadow-metadata.ts'
import { footprint, type ShadowEntry } from '../../storage/shadow-store.ts'
import { type ForgetfulDisk, pathsBelow } from './forgetful/forgetful-disk.ts'
import { withMounted } from './forgetful/mount.ts'
import { type Asked, type Kept, openShadows, playShadows, type ShadowHistory } from './forgetful/shadow-history.ts'

vi.mock('node:fs/promises', async real => (await import('./forgetful/forgetful-fs.ts')).forgetfulFs(await real()))
vi.mock('level', () => import('./forgetful/forgetful-level.ts'))

const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1)
const MORE_CUTS = Number(process.env.CUTS ?? 9000)
const AGAIN = 20 // of so many cuts one is followed by a cut during the start after it

describe(`disk shadow store on a disk that forgets what was not synced (FIRST_SEED=${FIRST_SEED})`, () => {
  // Power is cut after every operation of random histories. What was acknowledged is there, bit for bit, or stays gone;
  // what was not is whole or not there.
  it('a power cut at 1,000 points loses nothing that was acknowledged', () => cutAll(FIRST_SEED, 1000))
  it(`nor at ${MORE_CUTS} others`, () => cutAll(FIRST_SEED + 1000, MORE_CUTS), MORE_CUTS * 60)
})

async function cutAll(firstSeed: number, atLeast: number): Promise<void> {
  Error.stackTraceLimit = 0 // a missing folder is found by an error, half a million times
  let cuts = 0
  for (let seed = firstSeed; cuts < atLeast; seed++) {
    const history = await playShadows(`${seed}`)
    for (let time = 0; time <= history.disk.time; time++, cuts++) await cutAt(history, time, `${seed}/${time}`)
  }
}

async function cutAt(history: ShadowHistory, time: number, seed: string): Promise<void> {
  const random = seededRandom(seed)
  let disk = history.disk.cut(time, random)
  if (randomBelow(random, AGAIN) === 0) {
    const first = disk
    await withMounted(first, started)
    disk = first.cut(randomBelow(random, first.time + 1), random)
  }
  await withMounted(disk, async folder => {
    const store = await started(folder)
    try {
      await check(store, wantedAt(history.asked, time), besideAt(history.asked, time))
    } catch (error) {
      throw Object.assign(error as Error, { message: `seed ${seed}: ${(error as Error).message}` })
    }
    await store.stop()
  })
  expect(leftBehind(disk), `seed ${seed}`).toEqual([])
}

async function started(folder: string): Promise<DiskShadowStore> {
  const store = openShadows(folder)
  await store.start()
  return store
}

/**
 * What a store may have of each sharing: what the last acknowledged left, and what may be while one is going on. Where the
 * trash has nothing, what was in it earlier may be back: leaving it is not synced.
 */
function wantedAt(asked: readonly Asked[], time: number): Map<string, Kept[]> {
  const wanted = new Map<string, Kept[]>()
  const everTrashed = new Map<string, Set<Uint8Array>>()
  for (const { key, before, after, until } of asked.filter(each => each.from <= time)) {
    const name = metadataKey(key)
    // a move that is going on may be seen at both ends, never at none
    const both = { held: before.held ?? after.held, trashed: after.trashed ?? before.trashed }
    const now: Kept[] = until <= time ? [after] : [before, after, both]
    const earlier = everTrashed.get(name) ?? new Set()
    for (const { held, trashed } of [...now]) {
      if (trashed !== undefined) earlier.add(trashed)
      else now.push(...[...earlier].map(back => ({ held, trashed: back })))
    }
    everTrashed.set(name, earlier)
    wanted.set(name, now)
  }
  return wanted
}

/** What may lie beside what is held of each sharing: what was acknowledged, unless more is going on. */
function besideAt(asked: readonly Asked[], time: number): Map<string, (Uint8Array | undefined)[]> {
  const begun = asked.filter(each => each.from <= time)
  return new Map(
    begun.map(({ key, before, after, until }) => [
      metadataKey(key),
      until <= time ? [after.record] : [before.record, after.record, before.trashedRecord, undefined]
    ])
  )
}

async function check(
  store: DiskShadowStore,
  wanted: ReadonlyMap<string, readonly Kept[]>,
  beside: ReturnType<typeof besideAt>
): Promise<void> {
  const { lost, damagedMetadata, strangers, ...counted } = store.startReport ?? {}
  expect({ lost, damagedMetadata, strangers }).toEqual({ lost: [], damagedMetadata: 0, strangers: 0 })
  const [entries, trash] = [await store.list(), await store.listTrash()]
  for (const [name, allowed] of wanted) {
    const entry = entries.find(each => metadataKey(each) === name)
    const held = entry === undefined ? 'none' : merkleRoot(await store.get(entry))
    const trashed = trash.find(each => metadataKey(each) === name)?.digest ?? 'none'
    expect(allowed.map(digests), name).toContainEqual({ held, trashed })
    const record = entry === undefined ? undefined : await store.getRecord(entry)
    if (entry !== undefined) expect(beside.get(name)?.map(digestOf), name).toContain(digestOf(record))
    expect(entry?.record?.digest ?? 'none', name).toBe(digestOf(record))
  }
  expect([...entries, ...trash].filter(each => !wanted.has(metadataKey(each)))).toEqual([])
  const usage = {
    shadows: entries.length,
    usedBytes: sizeOf(entries),
    trashed: trash.length,
    trashBytes: sizeOf(trash)
  }
  expect(counted).toMatchObject(usage)
  expect(await store.usage()).toMatchObject(usage)
  for (const entry of trash) {
    if (entries.some(each => metadataKey(each) === metadataKey(entry))) continue
    expect(await store.restore(entry)).toBe(true)
    expect(merkleRoot(await store.get(entry))).toBe(entry.digest)
  }
}

function digests({ held, trashed }: Kept): Record<string, string> {
  return { held: held ? merkleRoot(held) : 'none', trashed: trashed ? merkleRoot(trashed) : 'none' }
}

function digestOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'none' : sha256Hex(bytes)
}

function sizeOf(entries: readonly ShadowEntry[]): number {
  return entries.reduce((sum, entry) => sum + footprint(entry), 0)
}

/** Files that a started store has no use for. */
function leftBehind(disk: ForgetfulDisk): string[] {
  return pathsBelow(disk.root).filter(path => path.endsWith('.tmp'))
}
