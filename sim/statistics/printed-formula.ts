import { failureProbability } from '../../node/placement/failure-probability.ts'

/**
 * Theorem 4 as the paper prints it: sum over i < r of C(s, i) p^i (1 - p)^(s - i). Its own proof has X ~ Bin(s, 1 - p),
 * so p and 1 - p stand the wrong way round: at (6, 10) and p = 0.1 it gives 0.99985 where the proof gives 1.6e-3.
 */
export function printedFailureProbability(threshold: number, total: number, p: number): number {
  return failureProbability(threshold, total, 1 - p)
}
