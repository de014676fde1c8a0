import { seededRandom, shuffled } from '../../base/random.ts'
import { type ImageFolder, partOf } from './image-folders.ts'
import type { SplitFolder } from './listed-split.ts'
import type { ViewSet } from './load-views.ts'
import { nearDuplicateClusters } from './near-duplicates.ts'

/** A split along near-duplicate clusters, and how many each part got. */
export interface ClusterSplit extends SplitFolder {
  readonly clusters: { readonly train: number; readonly test: number }
}

/** The size of views that clusters are found on, whatever size a model sees: the split of a data set is the same for all. */
export const CLUSTER_SIDE = 64

const TEST_SHARE = 0.2
const EVEN_ENOUGH = 1e-4 // half a percent off in each of four classes
const TRIES = 64 // where clusters are few and large; with many small ones the first try is even

/**
 * Split the images of `whole`, seen as `views`, so that no near-duplicate cluster is on both sides, with about 20 % of
 * each class in the test part. The same images and seed give the same split. Images that cannot be read are in neither.
 * @throws NetError `DATASET_INVALID` when the clusters of a class leave it no image in one part: where nearly all images
 * are one cluster, there is no such split
 */
export function clusterSplit(whole: ImageFolder, views: ViewSet, seed: string): ClusterSplit {
  const roots = nearDuplicateClusters([views])
  const tested = testClusters(roots, views.labels, seed)
  const inTest = new Map(views.names.map((name, at) => [name, tested.has(roots[at])]))
  return {
    train: partOf(whole, 'train', file => inTest.get(file.name) === false),
    test: partOf(whole, 'test', file => inTest.get(file.name) === true),
    clusters: { train: new Set(roots).size - tested.size, test: tested.size }
  }
}

/** Which clusters are tested: the first of some seeded tries that is even enough, else the most even one. */
function testClusters(roots: Int32Array, labels: Int32Array, seed: string): ReadonlySet<number> {
  const clusters = weighClusters(roots, labels)
  let best: Try = { tested: new Set(), unevenness: Number.POSITIVE_INFINITY }
  for (let at = 0; at < TRIES && best.unevenness > EVEN_ENOUGH; at++) {
    const next = tryOrder(shuffled(seededRandom(`${seed}/split/${at}`), clusters), new Set(labels))
    if (next.unevenness < best.unevenness) best = next
  }
  return best.tested
}

interface Cluster {
  readonly root: number
  /** Which share of each class it holds. */
  readonly shares: ReadonlyMap<number, number>
}

interface Try {
  readonly tested: ReadonlySet<number>
  /** Sum over classes of (share in the test part - 20 %)². */
  readonly unevenness: number
}

function weighClusters(roots: Int32Array, labels: Int32Array): Cluster[] {
  const sizes = new Map<number, number>()
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  const clusters = new Map<number, Map<number, number>>()
  roots.forEach((root, at) => {
    const shares = clusters.get(root) ?? new Map<number, number>()
    const one = 1 / (sizes.get(labels[at]) ?? 1)
    clusters.set(root, shares.set(labels[at], (shares.get(labels[at]) ?? 0) + one))
  })
  return [...clusters].map(([root, shares]) => ({ root, shares }))
}

/** In this order, again and again, each cluster changes sides if that makes the split more even. */
function tryOrder(clusters: readonly Cluster[], classes: ReadonlySet<number>): Try {
  const short = new Map([...classes].map(label => [label, TEST_SHARE]))
  const tested = new Set<number>()
  for (let changed = true; changed; ) {
    changed = false
    for (const { root, shares } of clusters) {
      const sign = tested.has(root) ? -1 : 1
      let gain = 0
      for (const [label, share] of shares) {
        const before = short.get(label) ?? 0
        gain += before ** 2 - (before - sign * share) ** 2
      }
      if (gain < 1e-12) continue // beyond rounding, so that this ends
      for (const [label, share] of shares) short.set(label, (short.get(label) ?? 0) - sign * share)
      if (sign === 1) tested.add(root)
      else tested.delete(root)
      changed = true
    }
  }
  return { tested, unevenness: [...short.values()].reduce((total, gap) => total + gap ** 2, 0) }
}
