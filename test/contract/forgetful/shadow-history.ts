import { join } from 'node:path'
import { imageId, type ShadowKey } from '../../../base/ids.ts'
import { type Random, randomBelow, seededRandom } from '../../../base/random.ts'
import { DiskShadowStore } from '../../../storage/disk-shadow-store.ts'
import { metadataKey } from '../../../storage/shadow-metadata.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN, PUT_RECORD } from '../example-shadow.ts'
import { ForgetfulDisk } from './forgetful-disk.ts'
import { withMounted } from './mount.ts'
import { seededPause } from './seeded-pause.ts'

/** What a store has of a sharing. */
export interface Kept {
  readonly held?: Uint8Array
  readonly trashed?: Uint8Array
  /** The record beside what is held. */
  readonly record?: Uint8Array
  /** The record beside what is in the trash. */
  readonly trashedRecord?: Uint8Array
}

/** One thing asked of a store. */
export interface Asked {
  readonly key: ShadowKey
  readonly before: Kept
  readonly after: Kept
  /** Times of the disk: when it was asked, and when it was acknowledged. */
  readonly from: number
  until: number
}

/** What was asked of a store on a disk, in the order of asking. */
export interface ShadowHistory {
  readonly disk: ForgetfulDisk
  readonly asked: readonly Asked[]
}

const WORKERS = 3
const KEYS_EACH = 3
const STEPS = 5
const SESSIONS = 2

/** The store on a disk that is mounted, some folders below its top; not started. */
export function openShadows(top: string): DiskShadowStore {
  return new DiskShadowStore(join(top, 'hospital/slave'), { reserveBytes: 0 })
}

/**
 * Several workers put, drop and restore shadows of few images whose folders they share, each its own keys one after the
 * other; in between the store is stopped and started and what was dropped first expires. The seed decides all, also the
 * order in which the disk's operations happen.
 */
export async function playShadows(seed: string): Promise<ShadowHistory> {
  const random = seededRandom(`${seed}/history`)
  const disk = new ForgetfulDisk({ pause: seededPause(random) })
  const playing: Playing = { disk, random, asked: [], kept: new Map(), dropped: new Map(), drops: 0 }
  await withMounted(disk, async top => {
    for (let session = 0; session < SESSIONS; session++) {
      const store = openShadows(top)
      await store.start()
      if (session > 0) await expire(playing, store)
      await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(playing, store, worker)))
      await store.stop()
    }
  })
  return { disk, asked: playing.asked }
}

interface Playing {
  readonly disk: ForgetfulDisk
  readonly random: Random
  readonly asked: Asked[]
  /** By sharing. */
  readonly kept: Map<string, Kept>
  /** What was put into the trash when. */
  readonly dropped: Map<string, { readonly key: ShadowKey; readonly time: number }>
  drops: number
}

async function work(playing: Playing, store: DiskShadowStore, worker: number): Promise<void> {
  const { random, kept, dropped } = playing
  for (let step = 0; step < STEPS; step++) {
    const key = nearKey(worker * KEYS_EACH + randomBelow(random, KEYS_EACH))
    const name = metadataKey(key)
    const now = kept.get(name) ?? {}
    const { held, trashed, record, trashedRecord } = now
    if (held !== undefined && randomBelow(random, 3) === 0) {
      const sealed = exampleShadow(`record ${playing.asked.length}`, 1 + randomBelow(random, 30))
      await ask(playing, { key, after: { ...now, record: sealed } }, () => store.putRecord(key, sealed, PUT_RECORD))
    } else if (held !== undefined) {
      const time = ++playing.drops
      const after = { trashed: held, trashedRecord: record }
      await ask(playing, { key, after }, () => store.drop(key, dropAt(time)))
      dropped.set(name, { key, time })
    } else if (trashed !== undefined && randomBelow(random, 2) === 0) {
      await ask(playing, { key, after: { held: trashed, record: trashedRecord } }, () => store.restore(key))
      dropped.delete(name)
    } else {
      const shadow = exampleShadow(`${playing.asked.length}`, randomBelow(random, 60))
      await ask(playing, { key, after: { held: shadow, trashed, trashedRecord } }, () => store.put(key, shadow, ORIGIN))
    }
  }
}

async function ask(
  { disk, asked, kept }: Playing,
  { key, after }: Pick<Asked, 'key' | 'after'>,
  act: () => Promise<unknown>
): Promise<void> {
  const before = kept.get(metadataKey(key)) ?? {}
  const entry: Asked = { key, before, after, from: disk.time, until: Number.POSITIVE_INFINITY }
  asked.push(entry)
  await act()
  entry.until = disk.time
  kept.set(metadataKey(key), after)
}

/** Let the first half of what was ever dropped expire. */
async function expire(playing: Playing, store: DiskShadowStore): Promise<void> {
  const before = Math.ceil(playing.drops / 2)
  const gone = [...playing.dropped].filter(([, { time }]) => time < before)
  let expiry: Promise<number> | undefined
  const once = (): Promise<number> => (expiry ??= store.expire(before))
  await Promise.all(
    gone.map(([name, { key }]) => {
      playing.dropped.delete(name)
      return ask(
        playing,
        { key, after: { ...playing.kept.get(name), trashed: undefined, trashedRecord: undefined } },
        once
      )
    })
  )
}

/** A key whose image shares its outer folder with one of every worker, and the inner one with some. */
function nearKey(n: number): ShadowKey {
  const key = exampleKey(n)
  return { ...key, image: imageId(`a${n % KEYS_EACH}0${n % 2}${key.image.slice(4)}`) }
}
