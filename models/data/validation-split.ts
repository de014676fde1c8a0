import { sha256Hex } from '../../base/bytes.ts'
import type { ViewSet } from './load-views.ts'
import { clustersOfHashes, differenceHash } from './near-duplicates.ts'

/** Images to learn from, and images held back to choose the weights by: ascending indices into a view set. */
export interface ValidationSplit {
  readonly training: Int32Array<ArrayBuffer>
  readonly validation: Int32Array<ArrayBuffer>
}

const ENOUGH = 0.5 // of what is asked, in whole clusters; with less, a class is split image by image

/**
 * Hold back about `share` of every class: whole near-duplicate clusters where its clusters are small enough, single
 * images where nearly all of a class is one cluster, as in A-MRI. Which ones goes by what they show and not by their
 * place, and clusters are sought within classes: a class loses the same images alone and in a joint set, so that a model
 * that starts from another one is not chosen by images which that one has learnt. A class of one image keeps it.
 */
export function splitValidation(views: ViewSet, share: number): ValidationSplit {
  const validation: number[] = []
  for (const label of new Set(views.labels)) {
    const members = [...views.names.keys()].filter(at => views.labels[at] === label)
    if (members.length > 1)
      validation.push(...holdBack(views, members, Math.max(1, Math.round(members.length * share))))
  }
  const held = new Set(validation)
  const training = [...views.names.keys()].filter(at => !held.has(at))
  return { training: Int32Array.from(training), validation: Int32Array.from(validation).sort() }
}

/** About `count` of these images, in whole clusters if they come near it. */
function holdBack(views: ViewSet, members: readonly number[], count: number): readonly number[] {
  const looks = new Map(members.map(at => [at, sha256Hex(viewAt(views, at))]))
  const ordered = [...members].sort((a, b) => compare(looks.get(a) ?? '', looks.get(b) ?? '') || a - b)
  const whole: number[] = []
  for (const cluster of clustersOf(views, ordered)) {
    if (whole.length + cluster.length <= count) whole.push(...cluster)
  }
  return whole.length >= count * ENOUGH ? whole : ordered.slice(0, count)
}

/** The near-duplicate clusters of these images, each where its first image stands. */
function clustersOf(views: ViewSet, images: readonly number[]): number[][] {
  const clusters = new Map<number, number[]>()
  clustersOfHashes(images.map(at => differenceHash(viewAt(views, at), views.side))).forEach((root, at) => {
    const cluster = clusters.get(root)
    if (cluster === undefined) clusters.set(root, [images[at]])
    else cluster.push(images[at])
  })
  return [...clusters.values()]
}

function viewAt({ pixels, side }: ViewSet, at: number): Uint8Array {
  return pixels.subarray(at * side ** 2, (at + 1) * side ** 2)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
