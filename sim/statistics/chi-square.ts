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

/** P(chi-square with `freedom` degrees of freedom >= `statistic`). */
export function chiSquareTail(statistic: number, freedom: number): number {
  if (statistic <= 0) return 1
  return upperGamma(freedom / 2, statistic / 2)
}

/** P(Poisson(mean) >= seen). */
function poissonTail(seen: number, mean: number): number {
  return seen === 0 ? 1 : mean === 0 ? 0 : 1 - upperGamma(seen, mean)
}

/** Regularised upper incomplete gamma Q(a, x): series below a + 1, Lentz's continued fraction above. */
function upperGamma(a: number, x: number): number {
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 10_000 && term > sum * 1e-16; n++) {
      term *= x / (a + n)
      sum += term
    }
    return Math.max(0, 1 - sum * front)
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 10_000; n++) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return front * fraction
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7
]

/** log Gamma(x) for x > 0 (Lanczos, g = 7, nine terms). */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const base = x + 6.5
  const series = LANCZOS.reduce((sum, term, i) => sum + term / (x + i), 0.9999999999998099)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series)
}
