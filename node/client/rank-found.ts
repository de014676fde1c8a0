import type { ImageId } from '../../base/ids.ts'
import { type Descriptor, descriptorSimilarity, SAME_IMAGE } from '../../hashing/descriptor.ts'

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

const NEAR = 1 / 16 // of the bits: one class, as classes differ in a quarter of the bits and more

/**
 * Ranked for the eye: first what is the same image ({@link SAME_IMAGE}), then what has nearly the query's code, as the class is
 * the code's word, then the rest; in each the most similar first, those without a similarity last; then by the distance of codes,
 * then by id. The order is the same whatever order the images came in.
 * @param bits length of the codes
 */
export function rankFound<T extends Rankable>(found: readonly T[], bits: number): T[] {
  const group = ({ similarity = 0, distance }: Rankable): number => {
    if (similarity >= SAME_IMAGE) return 0
    return distance <= bits * NEAR ? 1 : 2
  }
  return [...found].sort((a, b) => {
    const more = (b.similarity ?? -1) - (a.similarity ?? -1)
    return group(a) - group(b) || more || a.distance - b.distance || (a.id < b.id ? -1 : 1)
  })
}
