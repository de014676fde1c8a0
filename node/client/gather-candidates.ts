import type { ImageId } from '../../base/ids.ts'
import type { HashCode } from '../../hashing/hash-code.ts'
import type { Ranked } from './merge-answers.ts'

/** Part of a ranking: so many images after so many others. */
export interface Page {
  readonly k: number
  readonly skip: number
}

const FIRST = 200 // candidates that are asked for at once: a small network shows all it has
const SIZES = [FIRST, 1000, 1000, 1000] // more only while the k-th nearest ties with the last one; all claims stay verified

/**
 * The images from which the k most similar are to be chosen. Without a descriptor these are the k nearest by code; with one, 200
 * of them or k, and more while the k-th still ties with the last one, up to 3,200: images of one class share a code, and the
 * one that is sought may be any of them.
 */
export async function gatherCandidates(
  { descriptor }: HashCode,
  k: number,
  rank: (page: Page) => Promise<readonly Ranked[]>
): Promise<Ranked[]> {
  if (descriptor === undefined) return [...(await rank({ k, skip: 0 }))]
  const all = new Map<ImageId, Ranked>()
  let skip = 0
  for (const size of SIZES) {
    const page = { k: Math.max(k, size), skip }
    const ranked = await rank(page)
    for (const each of ranked) all.set(each.claim.id, each)
    const last = ranked.at(-1)
    if (last === undefined || ranked.length < page.k || last.distance > kthDistance(all.values(), k)) break
    skip += page.k
  }
  return [...all.values()]
}

function kthDistance(ranked: Iterable<Ranked>, k: number): number {
  const distances = Uint16Array.from(ranked, ({ distance }) => distance).sort()
  return distances[k - 1] ?? Number.POSITIVE_INFINITY
}
