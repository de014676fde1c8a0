import { CLUSTER_DEFAULTS, type Cluster, type CryptoName } from '../cluster/cluster.ts'
import { openCluster } from '../engines/open-cluster.ts'
import type { RealInit } from '../real/real-init.ts'
import { storeImages } from '../theorem4/read-trials.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'
import { type PaperStep, shareDone } from './steps.ts'
import { type Story, tellStory } from './story.ts'
import {
  type LatencyRow,
  type LoadRow,
  type Measuring,
  measureLatency,
  measureLoad,
  measureReadable,
  measureRecovery,
  type ReadableRow,
  type RecoveryRow
} from './tables.ts'

/** What of the paper is played, and how large. */
export interface PaperConfig {
  /** Timings mean something on `real` only; on `virtual` they are those of the virtual network. */
  readonly engine: Cluster['engine']
  readonly seed: string | number
  readonly crypto: CryptoName
  /** Images of a row of Table 13. */
  readonly images: number
  readonly imageBytes: number
  /** How long each load of Table 12 is offered. */
  readonly seconds: number
  /** Images whose holders are killed for Table 14. */
  readonly kills: number
}

/** The paper's sizes: 200 images a row. */
export const PAPER_DEFAULTS: PaperConfig = Object.freeze({
  engine: 'real',
  seed: 1,
  crypto: 'paper',
  images: 200,
  imageBytes: 32_768,
  seconds: 5,
  kills: 5
})

/** All that was measured; parts are missing when it was interrupted. */
export interface PaperResult {
  readonly story?: Story
  readonly table13?: readonly ReadableRow[]
  readonly table11?: readonly LatencyRow[]
  readonly table12?: readonly LoadRow[]
  readonly table14?: readonly RecoveryRow[]
}

/** How a run is watched and stopped. */
export interface PaperOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (share: number, what: string) => void
}

/** Play Figs 13 and 14, then measure Tables 11, 12, 13 and 14. */
export async function runPaper(config: PaperConfig, { signal, onProgress }: PaperOptions = {}): Promise<PaperResult> {
  const { engine, seed, crypto, images, imageBytes, seconds, kills } = config
  const random = new SeededStream(`${seed}/paper`)
  const result: { -readonly [K in keyof PaperResult]: PaperResult[K] } = {}
  const measuring = (step: PaperStep): Measuring => {
    const onStep = (part: number): void => onProgress?.(shareDone(config, step, part), step)
    onStep(0)
    return { random, onStep }
  }
  measuring('Figs 13 and 14')
  await withCluster(engine, { slaves: 5, r: 2, s: 3, seed, crypto }, async cluster => {
    result.story = await tellStory(cluster, random, imageBytes)
    if (!signal?.aborted) result.table11 = await measureLatency(cluster, measuring('Table 11'))
    if (!signal?.aborted) result.table12 = await measureLoad(cluster, seconds, measuring('Table 12'))
  })
  if (signal?.aborted) return result
  const ten = { slaves: 10, r: 6, s: 10, seed, crypto }
  const readable = measuring('Table 13')
  await withCluster(engine, ten, async cluster => {
    result.table13 = await measureReadable(cluster, images, readable)
  })
  if (signal?.aborted) return result
  const recovery = measuring('Table 14')
  await withCluster(engine, { ...ten, processes: 'own' }, async cluster => {
    const stored = await storeImages(cluster, { images: kills, imageBytes }, random)
    result.table14 = await measureRecovery(cluster, stored, recovery)
  })
  return result
}

interface PaperCluster extends Pick<PaperConfig, 'seed' | 'crypto'> {
  readonly slaves: number
  readonly r: number
  readonly s: number
  readonly processes?: RealInit['processes']
}

async function withCluster(
  engine: Cluster['engine'],
  { slaves, r, s, seed, crypto, processes }: PaperCluster,
  work: (cluster: Cluster) => Promise<void>
): Promise<void> {
  const threshold = { fixed: { threshold: r, total: s } }
  const spec = { ...CLUSTER_DEFAULTS, seed, crypto, slaves, sites: slaves, threshold }
  const cluster = await openCluster(engine, spec, { processes })
  try {
    await work(cluster)
  } finally {
    await cluster.stop()
  }
}
