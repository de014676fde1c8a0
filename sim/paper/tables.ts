import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import { sleep } from '../../base/clock.ts'
import { isNetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import { NearestCodes } from '../../indexing/nearest.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { storeImages, type TrialImage } from '../theorem4/read-trials.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'
import { PAPER } from './figures.ts'

/** Table 13: of `images` images with `gone` holders gone, how many could be read. */
export interface ReadableRow {
  readonly gone: number
  readonly images: number
  readonly read: number
  readonly paperPercent: number
}

/** Table 11: ms for so many queries. */
export interface LatencyRow {
  readonly queries: number
  /** In the index of one master, with the paper's largest data set (12,446 images, 64-bit codes). */
  readonly indexMs: number
  /** Through the network, one after the other, as a user sees it. */
  readonly networkMs: number
  readonly paperMs: number
}

/** Table 12: an open loop that offers queries whether or not the last one is answered. */
export interface LoadRow {
  readonly offered: number
  readonly achieved: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
  readonly paperAchieved: number | undefined
}

/** Table 14: ms from the failure of slaves to the end of the next read of an image that lay there. */
export interface RecoveryRow {
  /** `killed`: SIGKILL, their connections close. `frozen`: SIGSTOP, they keep connections and say nothing. */
  readonly how: 'killed' | 'frozen'
  readonly slaves: number
  readonly beforeMs: number
  readonly afterMs: number
  readonly paperMs: number
}

/** What every table is measured with. */
export interface Measuring {
  readonly random: SeededStream
  /** Told the share of the table that is done. */
  readonly onStep: (share: number) => void
}

/** Table 13, on a cluster of ten slaves with (6, 10). */
export async function measureReadable(
  cluster: Cluster,
  images: number,
  { random, onStep }: Measuring
): Promise<ReadableRow[]> {
  const stored = await storeImages(cluster, { images, imageBytes: 256 }, random)
  onStep(1 / (PAPER.readable.length + 1))
  const rows: ReadableRow[] = []
  for (const [gone, paperPercent] of PAPER.readable) {
    let read = 0
    for (const { image, bytes, holders } of stored) {
      const down = holders.slice(0, gone)
      for (const peer of down) cluster.close(peer)
      const got = await cluster.drive(cluster.user.fetch(image).catch(error => error))
      for (const peer of down) cluster.open(peer)
      if (got instanceof Uint8Array && equals(got, bytes)) read++
      else if (!isNetError(got, 'NOT_ENOUGH_SHADOWS')) throw got
    }
    rows.push({ gone, images, read, paperPercent })
    onStep((rows.length + 1) / (PAPER.readable.length + 1))
  }
  return rows
}

/** Table 11, on a cluster that has images stored. On virtual time the index takes none. */
export async function measureLatency(cluster: Cluster, { random, onStep }: Measuring): Promise<LatencyRow[]> {
  const codes = new NearestCodes(64)
  for (let k = 0; k < PAPER.indexSize; k++) {
    codes.add(sha256Hex(fromString(String(k))) as ImageId, random.fill(new Uint8Array(8))) // 64 hex digits
  }
  const rows: LatencyRow[] = []
  for (const [queries, paperMs] of PAPER.latencyMs) {
    const trapdoors = Array.from({ length: queries }, () => random.fill(new Uint8Array(8)))
    const began = cluster.clock.monotonic()
    for (const trapdoor of trapdoors) codes.nearest(trapdoor, 10)
    const indexMs = cluster.clock.monotonic() - began
    const start = cluster.clock.monotonic()
    for (const trapdoor of trapdoors) await cluster.drive(cluster.user.searchCode(hashCode(trapdoor)))
    onStep(sumOf([...rows.map(row => row.queries), queries]) / sumOf(PAPER.latencyMs.map(([each]) => each)))
    rows.push({ queries, indexMs, networkMs: cluster.clock.monotonic() - start, paperMs })
  }
  return rows
}

const LOADS = Object.freeze([10, 50, 100, 200, 500, 1000, 1500, 2000, 3000, 5000])

/** Table 12: the paper's 10, 50 and 100 queries a second, then more until less than 95 % is achieved. */
export async function measureLoad(
  cluster: Cluster,
  seconds: number,
  { random, onStep }: Measuring
): Promise<LoadRow[]> {
  const rows: LoadRow[] = []
  const papers = new Map<number, number>(PAPER.throughput)
  for (const offered of LOADS) {
    const row = {
      ...(await cluster.drive(offer(cluster, random, { offered, seconds }))),
      paperAchieved: papers.get(offered)
    }
    rows.push(row)
    // What virtual time costs is the searches, what real time costs is the seconds.
    onStep(
      cluster.engine === 'virtual' ? sumOf(LOADS.slice(0, rows.length)) / sumOf(LOADS) : rows.length / LOADS.length
    )
    if (row.achieved < 0.95 * offered && offered > 100) break
  }
  return rows
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

async function offer(
  cluster: Cluster,
  random: SeededStream,
  { offered, seconds }: { offered: number; seconds: number }
) {
  const { clock, user } = cluster
  const took: number[] = []
  let errors = 0
  const began = clock.monotonic()
  const asked: Promise<void>[] = []
  for (let k = 0; k < offered * seconds; k++) {
    const dueMs = began + (k * 1000) / offered
    if (dueMs > clock.monotonic()) await sleep(clock, dueMs - clock.monotonic())
    // Latency counts from when the query was due, so that a stalled loop hides nothing.
    const query = user.searchCode(hashCode(random.fill(new Uint8Array(8)))).then(
      () => void took.push(clock.monotonic() - dueMs),
      () => void errors++
    )
    asked.push(query)
  }
  await Promise.all(asked)
  const elapsedS = Math.max((clock.monotonic() - began) / 1000, seconds)
  took.sort((a, b) => a - b)
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? Number.NaN
  return { offered, achieved: took.length / elapsedS, p50Ms: at(0.5), p99Ms: at(0.99), errors }
}

/**
 * Table 14: fail one, then several (all that (6, 10) bears: four) of an image's holders, and read it at once. Of two reads
 * before, the second counts: the first warms the connections.
 */
export async function measureRecovery(
  cluster: Cluster,
  images: readonly TrialImage[],
  { onStep }: Pick<Measuring, 'onStep'>
): Promise<RecoveryRow[]> {
  const rows: RecoveryRow[] = []
  for (const how of ['killed', 'frozen'] as const) {
    for (const [slaves, paperMs] of [
      [1, PAPER.recoveryS.single * 1000],
      [4, PAPER.recoveryS.several * 1000]
    ] as const) {
      const before: number[] = []
      const after: number[] = []
      for (const { image, holders } of images) {
        await cluster.drive(cluster.user.fetch(image))
        before.push(await timed(cluster, () => cluster.user.fetch(image)))
        const victims = holders.slice(0, slaves)
        const failing = fail(cluster, victims, how)
        after.push(await timed(cluster, () => cluster.user.fetch(image)))
        await failing
        await revive(cluster, victims, how)
      }
      onStep((rows.length + 1) / 4)
      rows.push({ how, slaves, beforeMs: median(before), afterMs: median(after), paperMs })
    }
  }
  return rows
}

/** A kill is not waited for: it takes its time, the read does not wait for it. */
async function fail(cluster: Cluster, victims: readonly PeerId[], how: RecoveryRow['how']): Promise<void> {
  if (how === 'killed') await cluster.drive(Promise.all(victims.map(peer => cluster.down(peer))))
  else for (const peer of victims) cluster.close(peer)
}

async function revive(cluster: Cluster, victims: readonly PeerId[], how: RecoveryRow['how']): Promise<void> {
  for (const peer of victims) {
    if (how === 'killed') await cluster.drive(cluster.up(peer))
    else cluster.open(peer)
  }
  await cluster.drive(sleep(cluster.clock, 3_000)) // until the masters have met them again
}

async function timed(cluster: Cluster, work: () => Promise<unknown>): Promise<number> {
  const began = cluster.clock.monotonic()
  await cluster.drive(work())
  return cluster.clock.monotonic() - began
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
