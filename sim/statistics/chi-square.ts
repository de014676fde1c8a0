import library from 'jstat'

/** What was counted in one cell, and the probability that a theory gives it. */
export interface CountedCell {
  readonly trials: number
  readonly failures: number
  readonly expected: number
}

/** How well a theory fits all cells at once. */
export interface Fit {
  readonly statistic: number
  /** Degrees of freedom: cells with expected counts of five or more, and one for all smaller ones together. */
  readonly cells: number
  /** Probability of a fit this bad or worse if the theory holds; 0 when something impossible was seen. */
  readonly p: number
}

const { lowRegGamma } = library.jStat

/** The least probability of which {@link chiSquareTail} knows more than that it is small. */
export const LEAST_TAIL = 1e-12

const FEWEST_EXPECTED = 5 // below this a count is too far from normal to be squared on its own

/** Pearson's chi-square of failure counts against a theory, nothing fitted. */
export function chiSquareFit(cells: readonly CountedCell[]): Fit {
  let statistic = 0
  let used = 0
  const rest = { seen: 0, mean: 0, variance: 0 }
  for (const { trials, failures, expected } of cells) {
    const mean = trials * expected
    const variance = mean * (1 - expected)
    if (Math.min(mean, trials - mean) >= FEWEST_EXPECTED) {
      statistic += (failures - mean) ** 2 / variance
      used++
      continue
    }
    // Count what is rare: failures where these are rare, successes where failures are the rule.
    const rare = mean < trials / 2
    rest.seen += rare ? failures : trials - failures
    rest.mean += rare ? mean : trials - mean
    rest.variance += variance
  }
  if (rest.mean >= FEWEST_EXPECTED) {
    statistic += (rest.seen - rest.mean) ** 2 / rest.variance
    used++
  } else if (poissonTail(rest.seen, rest.mean) < 1e-6) {
    return { statistic: Number.POSITIVE_INFINITY, cells: used + 1, p: 0 } // far too many of what should hardly happen
  }
  return { statistic, cells: used, p: used === 0 ? 1 : chiSquareTail(statistic, used) }
}

/** P(chi-square with `freedom` degrees of freedom >= `statistic`), to nine digits; below {@link LEAST_TAIL} only small. */
export function chiSquareTail(statistic: number, freedom: number): number {
  if (statistic <= 0) return 1
  return Math.max(0, 1 - lowRegGamma(freedom / 2, statistic / 2))
}

/** P(Poisson(mean) >= seen). */
function poissonTail(seen: number, mean: number): number {
  return seen === 0 ? 1 : mean === 0 ? 0 : lowRegGamma(seen, mean)
}
