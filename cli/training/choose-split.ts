import { basename } from 'node:path'
import type { Command } from 'commander'
import { NetError } from '../../base/errors.ts'
import { CLUSTER_SIDE, clusterSplit } from '../../models/data/cluster-split.ts'
import { listWhole } from '../../models/data/image-folders.ts'
import { listedSplit, type SplitFolder } from '../../models/data/listed-split.ts'
import { loadImages } from './load-images.ts'
import type { Report } from '../console/report.ts'

/** The flags that say which images are for training and which for testing. */
export interface SplitFlags {
  readonly data: readonly string[]
  readonly split?: string
  readonly splitSeed: string
  readonly cache: string
}

/** A split, and what a model that is trained on it says of it in its manifest. */
export interface ChosenSplit extends SplitFolder {
  readonly notes: SplitNotes
}

/** See {@link ChosenSplit}. */
interface SplitNotes {
  /** `clusters`, or the name of the split file. */
  readonly split: string
  readonly splitSeed?: string
  readonly trainClusters?: number
  readonly testClusters?: number
  readonly testImages: number
}

const CLUSTERS = 'clusters'

/** The options behind {@link SplitFlags}, beside `--data` and `--cache`. */
export function withSplitOptions(command: Command): Command {
  return command
    .option('--split <file>', 'CSV of file,split in place of the folders train and test; or: clusters')
    .option('--split-seed <text>', 'fixes the split by clusters', '1')
}

/**
 * The split that `--split` asks for, told to the user. With `clusters`: along near-duplicate clusters.
 * @throws NetError `CONFIG_INVALID`, `DATASET_INVALID`, `FILE_UNREADABLE`
 */
export async function chooseSplit(
  flags: SplitFlags & { readonly split: string },
  report: Report,
  options: { readonly signal?: AbortSignal } = {}
): Promise<ChosenSplit> {
  if (flags.data.length === 0) throw new NetError('CONFIG_INVALID', '--split goes with --data')
  const whole = await listWhole(flags.data)
  if (flags.split !== CLUSTERS) {
    if (flags.data.length > 1) throw new NetError('CONFIG_INVALID', 'a split file goes with one --data')
    const { train, test, leftOut } = await listedSplit(whole, flags.split)
    if (leftOut > 0) report.warn(`${leftOut} images are not in ${flags.split} and are left out`)
    return { train, test, notes: { split: basename(flags.split), testImages: test.files.length } }
  }
  const views = await loadImages(whole, { side: CLUSTER_SIDE, cache: flags.cache, report, ...options })
  const { train, test, clusters } = clusterSplit(whole, views, flags.splitSeed)
  const line = (part: keyof SplitFolder, { files }: SplitFolder['train']): string =>
    `${part} ${clusters[part]} clusters, ${files.length} images`
  report.say(`split by near-duplicate clusters: ${line('train', train)}; ${line('test', test)}`)
  return {
    train,
    test,
    notes: {
      split: CLUSTERS,
      splitSeed: flags.splitSeed,
      trainClusters: clusters.train,
      testClusters: clusters.test,
      testImages: test.files.length
    }
  }
}
