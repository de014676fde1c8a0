import { type AbortOptions, type Clock, sleep } from '../../base/clock.ts'
import { asError, isNetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { Replicator } from '../replication/replicate.ts'
import { isNews, type LearnPorts, learnRecords } from './learn-records.ts'
import { listSlave } from './list-slave.ts'

/** What rebuilding an index needs. */
export interface RebuildPorts extends LearnPorts {
  readonly clock: Clock
  readonly roster: Roster
  readonly records: RecordStore
  readonly replicator: Replicator
}

/** How an index is rebuilt. */
export interface RebuildInit extends AbortOptions {
  /** How long to wait for slaves of the roster that do not answer yet, in ms. */
  readonly waitMs: number
  /** Called when a slave has been read to its end. */
  readonly onSlave?: (slave: PeerId, images: number) => void
}

/** What a rebuilt index has, and what it lacks. */
export interface RebuildReport {
  /** Stored images in the index before, and now. */
  readonly before: number
  readonly images: number
  /** Slaves that were read to the end of their lists. */
  readonly slaves: readonly PeerId[]
  /** Slaves that were not, each with an error code. */
  readonly silent: readonly { readonly slave: PeerId; readonly reason: string }[]
  /** Images that have shadows and no record, each with an error code: `SHADOW_MISSING` where no slave has a record of it. */
  readonly missing: readonly { readonly image: ImageId; readonly reason: string }[]
}

const PAGE = 1000
const LOOK_AGAIN_MS = 500

/**
 * Restore an index from the records that slaves keep beside their shadows, all slaves of the roster one after the other.
 * What is in the index stays, and what other masters that live have is taken first; nothing is dropped anywhere.
 */
export async function rebuildIndex(ports: RebuildPorts, init: RebuildInit): Promise<RebuildReport> {
  const { records, replicator } = ports
  const before = records.size
  const slaves = await meetSlaves(ports, init)
  await Promise.all(replicator.others().map(master => replicator.catchUp(master)))
  const unnamed = new Map<ImageId, string>()
  const [read, silent]: [PeerId[], { slave: PeerId; reason: string }[]] = [[], []]
  for (const slave of slaves) {
    try {
      await readSlave(slave, unnamed, { ...ports, signal: init.signal })
      read.push(slave)
      init.onSlave?.(slave, records.size)
    } catch (error) {
      if (!isNetError(error)) throw asError(error)
      init.signal?.throwIfAborted()
      silent.push({ slave, reason: error.code })
    }
  }
  return { before, images: records.size, slaves: read, silent, missing: await stillUnnamed(unnamed, records) }
}

/** All slaves of the roster, once they answer or the time is over. */
async function meetSlaves({ clock, roster, peers }: RebuildPorts, { waitMs, signal }: RebuildInit): Promise<PeerId[]> {
  const slaves = roster.withRole('slave').sort()
  for (const until = clock.monotonic() + waitMs; ; await sleep(clock, LOOK_AGAIN_MS)) {
    const answers = await Promise.all(slaves.map(slave => peers.beat(slave)))
    signal?.throwIfAborted()
    if (answers.every(Boolean) || clock.monotonic() >= until) return slaves
  }
}

async function readSlave(
  slave: PeerId,
  unnamed: Map<ImageId, string>,
  ports: RebuildPorts & AbortOptions
): Promise<void> {
  for await (const page of listSlave(slave, ports)) {
    const held = await ports.records.getMany(page.map(({ image }) => image))
    const news = page.filter((entry, at) => isNews(entry, held[at]))
    const failed = news.length > 0 ? await learnRecords(slave, news, ports) : new Map<ImageId, string>()
    for (const [at, { image, record }] of page.entries()) {
      if (held[at] !== undefined) continue
      const reason = record === undefined ? 'SHADOW_MISSING' : failed.get(image)
      if (reason !== undefined && (unnamed.get(image) ?? 'SHADOW_MISSING') === 'SHADOW_MISSING')
        unnamed.set(image, reason)
    }
  }
}

/** What no other slave had a record of either. */
async function stillUnnamed(
  unnamed: ReadonlyMap<ImageId, string>,
  records: RecordStore
): Promise<RebuildReport['missing']> {
  const missing: { image: ImageId; reason: string }[] = []
  const images = [...unnamed.keys()].sort()
  for (let at = 0; at < images.length; at += PAGE) {
    const page = images.slice(at, at + PAGE)
    const held = await records.getMany(page)
    for (const [place, image] of page.entries()) {
      if (held[place] === undefined) missing.push({ image, reason: unnamed.get(image) ?? 'SHADOW_MISSING' })
    }
  }
  return missing
}
