import { describe, expect, it } from 'vitest'
import { failureProbability } from '../../node/placement/failure-probability.ts'
import { chiSquareFit, chiSquareTail } from '../../sim/statistics/chi-square.ts'
import { printedFailureProbability } from '../../sim/statistics/printed-formula.ts'
import { drawnSurvivors, independentSurvivors, siteSurvivors, unreadable } from '../../sim/statistics/survivors.ts'
import { wilsonInterval } from '../../sim/statistics/wilson.ts'
import { countFailures } from '../../sim/theorem4/count-failures.ts'
import { SeededStream } from '../../sim/cluster/seeded-stream.ts'

describe('exact probabilities', () => {
  it('(6, 10) at p = 0.1: 1.635e-3 by the proof, 0.99985 as printed', () => {
    expect(failureProbability(6, 10, 0.1)).toBeCloseTo(1.6349374e-3, 9)
    expect(printedFailureProbability(6, 10, 0.1)).toBeCloseTo(0.99985, 5)
  })

  it('equal holders: the convolution is the binomial, for (2,3), (3,10) and (10,30) to twelve digits', () => {
    for (const [r, s] of [
      [2, 3],
      [3, 10],
      [10, 30]
    ]) {
      const alive = independentSurvivors(Array(s).fill(0.1))
      expect(unreadable(alive, r) / failureProbability(r, s, 0.1)).toBeCloseTo(1, 12)
      expect(alive.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    }
    expect(failureProbability(3, 10, 0.1)).toBeCloseTo(3.736e-7, 10)
  })

  it('unequal holders p = 0.5, 0.2: both gone 0.1, at least one gone 0.6', () => {
    const alive = independentSurvivors([0.5, 0.2])
    expect(unreadable(alive, 1)).toBeCloseTo(0.1, 12)
    expect(unreadable(alive, 2)).toBeCloseTo(0.6, 12)
  })

  it('three of ten killed exactly, three holders: all gone 1/120, (2,3) unreadable 22/120', () => {
    expect(unreadable(drawnSurvivors(3, 10, 3), 1)).toBeCloseTo(1 / 120, 12)
    expect(unreadable(drawnSurvivors(3, 10, 3), 2)).toBeCloseTo(22 / 120, 12)
    expect(drawnSurvivors(3, 3, 3)).toEqual([1, 0, 0, 0])
  })

  it('all holders in one site that fails with 0.25: unreadable 0.25 whatever r; one holder a site: binomial', () => {
    expect(unreadable(siteSurvivors([3], 0.25, 0), 2)).toBeCloseTo(0.25, 12)
    expect(unreadable(siteSurvivors([1, 1, 1], 0.25, 0), 2)).toBeCloseTo(failureProbability(2, 3, 0.25), 12)
  })

  it('p outside [0, 1] is a RangeError', () => {
    expect(() => independentSurvivors([1.1])).toThrow(RangeError)
    expect(() => failureProbability(2, 3, -0.1)).toThrow(RangeError)
  })
})

describe('Wilson interval and chi-square', () => {
  it('10 of 100: 0.0552 to 0.1744; 0 of 100: 0 to 0.0370 (published values)', () => {
    expect(wilsonInterval(10, 100).low).toBeCloseTo(0.0552, 4)
    expect(wilsonInterval(10, 100).high).toBeCloseTo(0.1744, 4)
    expect(wilsonInterval(0, 100).low).toBe(0)
    expect(wilsonInterval(0, 100).high).toBeCloseTo(0.037, 4)
  })

  it('95 % quantiles of chi-square: 3.841 (1), 18.307 (10), 67.505 (50)', () => {
    expect(chiSquareTail(3.841459, 1)).toBeCloseTo(0.05, 6)
    expect(chiSquareTail(18.307038, 10)).toBeCloseTo(0.05, 6)
    expect(chiSquareTail(67.504807, 50)).toBeCloseTo(0.05, 6)
    expect(chiSquareTail(0.5, 3)).toBeCloseTo(0.918891, 6)
  })

  it('a theory that says never is refuted by what happened, one that fits is not', () => {
    expect(chiSquareFit([{ trials: 1000, failures: 900, expected: 1e-9 }]).p).toBe(0)
    expect(chiSquareFit([{ trials: 1000, failures: 100, expected: 0.1 }]).p).toBe(1)
    expect(chiSquareFit([{ trials: 100, failures: 0, expected: 1e-6 }]).p).toBe(1)
  })
})

describe('counting mode', () => {
  const draw = (seed: string) => ({ trials: 320_000, random: new SeededStream(seed) })

  it('independent, unequal, sites, drawn: 320,000 trials each agree with the exact value (chi-square p > 0.01)', () => {
    const sites = { kind: 'sites', holders: [3, 3, 4], siteP: 0.1, slaveP: 0.15 } as const
    const unequal = [0.05, 0.3, 0.2, 0.4, 0.1, 0.6]
    const cells = [
      {
        ...countFailures({ kind: 'independent', p: Array(10).fill(0.3) }, 6, draw('a')),
        exact: failureProbability(6, 10, 0.3)
      },
      {
        ...countFailures({ kind: 'independent', p: unequal }, 4, draw('b')),
        exact: unreadable(independentSurvivors(unequal), 4)
      },
      { ...countFailures(sites, 6, draw('c')), exact: unreadable(siteSurvivors([3, 3, 4], 0.1, 0.15), 6) },
      {
        ...countFailures({ kind: 'drawn', holders: 10, slaves: 40, failed: 12 }, 6, draw('d')),
        exact: unreadable(drawnSurvivors(10, 40, 12), 6)
      }
    ]
    const fit = chiSquareFit(cells.map(({ exact, ...cell }) => ({ ...cell, expected: exact })))
    expect(fit.cells).toBe(4)
    expect(fit.p).toBeGreaterThan(0.01)
  })

  it('p = 0 never fails, p = 1 always does', () => {
    const never = countFailures({ kind: 'independent', p: Array(5).fill(0) }, 2, draw('e'))
    const always = countFailures({ kind: 'independent', p: Array(5).fill(1) }, 2, draw('f'))
    expect(never.failures).toBe(0)
    expect(always.failures).toBe(always.trials)
  })

  it('the seeded stream is even: chi-square over 256 byte values of 262,144 bytes gives p between 0.001 and 0.999', () => {
    const counts = new Array<number>(256).fill(0)
    for (const byte of new SeededStream('bytes').fill(new Uint8Array(262_144))) counts[byte]++
    const statistic = counts.reduce((sum, count) => sum + (count - 1024) ** 2 / 1024, 0)
    expect(chiSquareTail(statistic, 255)).toBeGreaterThan(0.001)
    expect(chiSquareTail(statistic, 255)).toBeLessThan(0.999)
  })
})
