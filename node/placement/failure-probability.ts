import { checkWhole } from '../../base/options.ts'

/**
 * The probability that an image of which any `threshold` (r) of `total` (s) shadows rebuild it cannot be read, when each
 * holder fails alone with probability `p`: P = sum over i < r of C(s, i) (1 - p)^i p^(s - i).
 * Theorem 4 of the paper as its own proof has it; the printed formula swaps p and 1 - p.
 * @throws RangeError unless 1 <= threshold <= total <= 255 and p is from 0 to 1
 */
export function failureProbability(threshold: number, total: number, p: number): number {
  checkWhole('total', total, 1, 255)
  checkWhole('threshold', threshold, 1, total)
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be a probability from 0 to 1, not ${p}`)
  let sum = 0
  let ways = 1 // C(s, i)
  for (let i = 0; i < threshold; i++) {
    sum += ways * (1 - p) ** i * p ** (total - i)
    ways = (ways * (total - i)) / (i + 1)
  }
  return Math.min(1, sum)
}
