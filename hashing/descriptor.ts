/** A fine descriptor: tells images of one class apart, which codes with a centre for each class do not. */
export interface Descriptor {
  /** SHA-256 of the model file that gave it, hex: only descriptors of one model compare. */
  readonly model: string
  /** Whole numbers from -127 to 127: what the image is told from all others by, then {@link LAYOUT_VALUES} of its layout. */
  readonly values: Int8Array
}

/** So many values at the end are a thumbnail: where the image is bright and dark. Shorter descriptors have none. */
export const LAYOUT_VALUES = 64

/** From this similarity on, an image is taken for the query itself, shown again: moved, noisy or encoded anew. */
export const SAME_IMAGE = 0.8

/**
 * How alike two images are, from 0 to 1. From {@link SAME_IMAGE} on the cosine of the values before the layout: the same image; below
 * it that of the layouts, times {@link SAME_IMAGE}: how alike they look. Whole-number sums, so every machine says the same.
 * @throws RangeError when the lengths differ
 */
export function descriptorSimilarity(a: Int8Array, b: Int8Array): number {
  if (a.length !== b.length) throw new RangeError(`descriptors of ${a.length} and ${b.length} values do not compare`)
  const layout = Math.max(0, a.length - LAYOUT_VALUES)
  if (layout === 0) return cosine(a, b)
  const identity = cosine(a.subarray(0, layout), b.subarray(0, layout))
  return identity >= SAME_IMAGE ? identity : SAME_IMAGE * cosine(a.subarray(layout), b.subarray(layout))
}

/** The cosine, 0 where it is below 0 or one side has no values but zeros. */
function cosine(a: Int8Array, b: Int8Array): number {
  let [dot, left, right] = [0, 0, 0]
  for (let k = 0; k < a.length; k++) {
    dot += a[k] * b[k]
    left += a[k] * a[k]
    right += b[k] * b[k]
  }
  return left === 0 || right === 0 ? 0 : Math.min(1, Math.max(0, dot / Math.sqrt(left * right)))
}
