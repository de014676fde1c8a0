/** A fine descriptor: tells images of one class apart, which codes with a centre for each class do not. */
export interface Descriptor {
  /** SHA-256 of the model file that gave it, hex: only descriptors of one model compare. */
  readonly model: string
  /** Whole numbers from -127 to 127. */
  readonly values: Int8Array
}

/**
 * How alike two images are by the values of their descriptors: the cosine between them, 0 where it is below 0 or one has no
 * values but zeros; 1: the same image. Whole-number sums, so every machine says the same.
 * @throws RangeError when the lengths differ
 */
export function descriptorSimilarity(a: Int8Array, b: Int8Array): number {
  if (a.length !== b.length) throw new RangeError(`descriptors of ${a.length} and ${b.length} values do not compare`)
  let [dot, left, right] = [0, 0, 0]
  for (let k = 0; k < a.length; k++) {
    dot += a[k] * b[k]
    left += a[k] * a[k]
    right += b[k] * b[k]
  }
  return left === 0 || right === 0 ? 0 : Math.min(1, Math.max(0, dot / Math.sqrt(left * right)))
}
