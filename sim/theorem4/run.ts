import type { PeerId } from '../../base/ids.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'
import {
  type CellCount,
  cellOf,
  type CountedApart,
  judge,
  type OtherCell,
  otherCellOf,
  type Theorem4Cell,
  type Verdict
} from './cells.ts'
import { checkTheorem4, type FailureModelName, type Theorem4Config } from './config.ts'
import { countFailures } from './count-failures.ts'
import { countingModel, exactFailure, type FailingSlave } from './draw-failures.ts'
import { readTrials, storeImages } from './read-trials.ts'

/** What a run found. */
export interface Theorem4Result {
  readonly cells: readonly Theorem4Cell[]
  readonly others: readonly OtherCell[]
  readonly apart: CountedApart
  readonly verdict: Verdict
  /** False when it was interrupted: the cells done are complete, the others are missing. */
  readonly complete: boolean
}

/** How a run is watched, stopped and given its peers. */
export interface Theorem4Options {
  readonly signal?: AbortSignal
  /** Told the share of all trials that is done. */
  readonly onProgress?: (done: number) => void
  /** Builds and starts the cluster on which one (r, s) is measured; for the role engines. */
  readonly cluster?: (r: number, s: number) => Promise<Cluster>
}

const CHUNK = 400_000 // coin rows between two looks at the signal

/** Measure Theorem 4. @throws NetError `SCENARIO_INVALID` */
export async function runTheorem4(config: Theorem4Config, options: Theorem4Options = {}): Promise<Theorem4Result> {
  checkTheorem4(config)
  const counts: CellCount[] = []
  const apart = { trials: 0, failures: 0 }
  const total = config.pairs.length * config.p.length * config.models.length
  const report = (share: number): void => options.onProgress?.((counts.length + share) / total)
  const run = { config, options, counts, apart, report }
  for (const [r, s] of config.pairs) {
    if (options.signal?.aborted) break
    if (config.engine === 'counting') await countPair(r, s, run)
    else await readPair(r, s, run)
  }
  const cells = counts.filter(({ model }) => model === 'independent').map(cellOf)
  const expected = config.masterP ** config.masters
  return {
    cells,
    others: counts.filter(({ model }) => model !== 'independent').map(otherCellOf),
    apart: { mastersDown: { ...apart, expected }, remainderLost: 0 },
    verdict: judge(cells),
    complete: counts.length === total
  }
}

interface Run {
  readonly config: Theorem4Config
  readonly options: Theorem4Options
  readonly counts: CellCount[]
  readonly apart: { trials: number; failures: number }
  readonly report: (share: number) => void
}

async function countPair(r: number, s: number, { config, options, counts, report }: Run): Promise<void> {
  const holders: FailingSlave[] = Array.from({ length: s }, (_, k) => ({
    index: Math.round((k * (config.slaves - 1)) / Math.max(1, s - 1)),
    site: `site ${k % config.sites}`
  }))
  for (const { model, p } of cellsOf(config)) {
    const slaves = Math.max(config.slaves, s)
    const draw = { model, p, slaves }
    const random = new SeededStream(`${config.seed}/${model}/${r}/${s}/${p}`)
    const sum = { trials: 0, failures: 0 }
    while (sum.trials < config.trials) {
      const trials = Math.min(CHUNK, config.trials - sum.trials)
      const counted = countFailures(countingModel(draw, holders), r, { trials, random })
      sum.trials += counted.trials
      sum.failures += counted.failures
      report(sum.trials / config.trials)
      await new Promise(resolve => setImmediate(resolve))
      if (options.signal?.aborted) return
    }
    counts.push({ model, r, s, p, ...sum, exact: exactFailure(draw, holders, r) })
  }
}

async function readPair(r: number, s: number, { config, options, counts, apart, report }: Run): Promise<void> {
  if (options.cluster === undefined) throw new TypeError('options.cluster is needed by this engine')
  const cluster = await options.cluster(r, s)
  try {
    const images = await storeImages(cluster, config, new SeededStream(`${config.seed}/images/${r}/${s}`))
    const slaves = new Map<PeerId, FailingSlave>(
      cluster.slaves.map((peer, index) => [peer, { index, site: `site ${index % config.sites}` }])
    )
    for (const { model, p } of cellsOf(config)) {
      const random = new SeededStream(`${config.seed}/${model}/${r}/${s}/${p}`)
      const trial = { draw: { model, p, slaves: cluster.slaves.length }, r, random, images, slaves }
      const read = await readTrials(cluster, trial, { ...config, signal: options.signal, onTrial: report })
      if (read === undefined) return
      counts.push({ model, r, s, p, trials: read.trials, failures: read.failures, exact: read.exact })
      apart.trials += config.trials
      apart.failures += read.mastersDown
    }
  } finally {
    await cluster.stop()
  }
}

function cellsOf({ models, p }: Theorem4Config): { model: FailureModelName; p: number }[] {
  return models.flatMap(model => p.map(value => ({ model, p: value })))
}
