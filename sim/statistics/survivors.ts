/**
 * Exact distributions of how many of an image's holders are alive, for every way in which holders can fail. All are
 * convolutions of independent groups, summed from the small terms up, so tiny tails keep their relative precision.
 */

/** A distribution over counts: element k is P(exactly k alive). */
export type Survivors = readonly number[]

/** Holders that fail alone, each with its own probability (Poisson binomial; binomial when all are equal). */
export function independentSurvivors(failures: readonly number[]): Survivors {
  return failures.reduce<Survivors>((alive, p) => combine(alive, [checkP(p), 1 - p]), [1])
}

/** Holders in sites: a whole site fails with probability `siteP`, and a slave of a live site with `slaveP`. */
export function siteSurvivors(holdersPerSite: readonly number[], siteP: number, slaveP: number): Survivors {
  checkP(siteP)
  return holdersPerSite.reduce<Survivors>(
    (alive, holders) => {
      const standing = independentSurvivors(Array(holders).fill(slaveP)).map(chance => chance * (1 - siteP))
      return combine(
        alive,
        standing.map((chance, k) => (k === 0 ? chance + siteP : chance))
      )
    },
    [1]
  )
}

/** `holders` of `slaves`, of which exactly `failed` fail, drawn evenly (hypergeometric). */
export function drawnSurvivors(holders: number, slaves: number, failed: number): Survivors {
  if (!(holders <= slaves && failed <= slaves)) throw new RangeError('holders and failed must not exceed slaves')
  const all = logChoose(slaves, failed)
  return Array.from({ length: holders + 1 }, (_, alive) => {
    const lost = holders - alive
    if (lost > failed || failed - lost > slaves - holders) return 0
    return Math.exp(logChoose(holders, lost) + logChoose(slaves - holders, failed - lost) - all)
  })
}

/** P(fewer than `threshold` alive): the image cannot be read. */
export function unreadable(alive: Survivors, threshold: number): number {
  return Math.min(
    1,
    alive.slice(0, threshold).reduce((sum, chance) => sum + chance, 0)
  )
}

/** log of C(n, k). */
function logChoose(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= Math.min(k, n - k); i++) sum += Math.log((n - i + 1) / i)
  return sum
}

function combine(a: Survivors, b: Survivors): Survivors {
  const sum = Array<number>(a.length + b.length - 1).fill(0)
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      sum[i + j] += x * y
    })
  })
  return sum
}

function checkP(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be a probability from 0 to 1, not ${p}`)
  return p
}
