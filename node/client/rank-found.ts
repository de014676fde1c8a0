import type { ImageId } from '../../base/ids.ts'
import { type Descriptor, descriptorSimilarity } from '../../hashing/descriptor.ts'

/** From this similarity on, an image is taken for the query itself, shown again: moved, noisy or encoded anew. */
const SAME_IMAGE = 0.85

/** Why an image has no similarity: its owner's model gave no descriptor, or it is another model than the query's. */
type NoSimilarity = 'NO_DESCRIPTOR' | 'OTHER_MODEL'

/** How alike an image is to the query, from 0 to 1, or why that cannot be said. */
export interface Likeness {
  readonly similarity: number | undefined
  readonly similarityError: NoSimilarity | undefined
}

/** What is ranked. */
export interface Rankable extends Likeness {
  readonly id: ImageId
  /** Hamming distance of the codes. */
  readonly distance: number
}

/** The likeness of a query and a stored image by their descriptors. Never throws: a stored one is another owner's word. */
export function likeness(query: Descriptor | undefined, stored: Descriptor | undefined): Likeness {
  if (query === undefined || stored === undefined) return { similarity: undefined, similarityError: 'NO_DESCRIPTOR' }
  if (query.model !== stored.model || query.values.length !== stored.values.length) {
    return { similarity: undefined, similarityError: 'OTHER_MODEL' }
  }
  return { similarity: descriptorSimilarity(query.values, stored.values), similarityError: undefined }
}

/**
 * Ranked for the eye: first what is the same image ({@link SAME_IMAGE}), the most similar first; then by the distance of codes,
 * as the class is their word; at one distance the most similar first, those without a similarity last; then by id. The order is
 * the same whatever order the images came in.
 */
export function rankFound<T extends Rankable>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => {
    const [same, other] = [isSame(a), isSame(b)]
    if (same !== other) return same ? -1 : 1
    if (!same && a.distance !== b.distance) return a.distance - b.distance
    const more = (b.similarity ?? -1) - (a.similarity ?? -1)
    return more || a.distance - b.distance || (a.id < b.id ? -1 : 1)
  })
}

function isSame({ similarity = 0 }: Rankable): boolean {
  return similarity >= SAME_IMAGE
}
