import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImageId, SharingId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import {
  allowedThresholds,
  chooseThreshold,
  largestThreshold,
  THRESHOLD_PRESETS,
  thresholdPolicy
} from '../../../node/placement/choose-threshold.ts'
import { failureProbability } from '../../../node/placement/failure-probability.ts'
import { openThreshold, sealThreshold } from '../../../node/placement/seal-threshold.ts'

const LOOSE = thresholdPolicy({ failureTarget: 0.999 })

describe('failureProbability (Theorem 4, corrected)', () => {
  const known: [number, number, number, number][] = [
    [2, 3, 0.05, 7.25e-3],
    [3, 5, 0.05, 1.158e-3],
    [6, 10, 0.05, 6.369e-5],
    [2, 3, 0.1, 2.8e-2],
    [3, 5, 0.1, 8.56e-3],
    [6, 10, 0.1, 1.635e-3],
    [2, 3, 0.3, 0.216],
    [3, 5, 0.3, 0.16308],
    [6, 10, 0.3, 0.1503],
    [3, 10, 0.1, 3.736e-7],
    [10, 30, 0.1, 5.81e-15]
  ]
  for (const [r, s, p, expected] of known) {
    it(`r=${r} s=${s} p=${p}: ${expected}`, () => {
      expect(failureProbability(r, s, p) / expected).toBeCloseTo(1, 2)
    })
  }

  it('is 0 at p=0, 1 at p=1, and grows with p and r', () => {
    expect(failureProbability(6, 10, 0)).toBe(0)
    expect(failureProbability(6, 10, 1)).toBe(1)
    for (let r = 1; r < 10; r++) expect(failureProbability(r, 10, 0.2)).toBeLessThan(failureProbability(r + 1, 10, 0.2))
    expect(failureProbability(6, 10, 0.1)).toBeLessThan(failureProbability(6, 10, 0.2))
  })

  it('equals counting all 2^s outcomes', () => {
    const counted = (r: number, s: number, p: number): number => {
      let sum = 0
      for (let mask = 0; mask < 2 ** s; mask++) {
        const alive = mask.toString(2).replaceAll('0', '').length
        if (alive < r) sum += (1 - p) ** alive * p ** (s - alive)
      }
      return sum
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, p) => {
          const [r, s] = [Math.min(a, b), Math.max(a, b)]
          expect(failureProbability(r, s, p)).toBeCloseTo(counted(r, s, p), 10)
        }
      )
    )
  })
})

describe('chooseThreshold', () => {
  it('SCS_max=10 without a target allows 26 pairs', () => {
    expect(allowedThresholds(LOOSE, 10)).toHaveLength(26)
  })

  it('any draw keeps 2 <= r <= s - max(1, floor(0.4 s)), s <= slaves and SCS_max, and the target', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          slaves: fc.integer({ min: 0, max: 40 }),
          maxSlaves: fc.integer({ min: 3, max: 30 }),
          slaveFailure: fc.double({ min: 0.01, max: 0.4, noNaN: true }),
          failureTarget: fc.double({ min: 1e-9, max: 0.5, noNaN: true })
        }),
        ({ seed, slaves, ...init }) => {
          const policy = thresholdPolicy(init)
          const draw = () => chooseThreshold(policy, slaves, seededRandom(seed))
          if (allowedThresholds(policy, slaves).length === 0) {
            expect(draw).toThrow(expect.objectContaining({ code: 'NOT_ENOUGH_SLAVES' }))
            return
          }
          const { threshold, total } = draw()
          expect(threshold).toBeGreaterThanOrEqual(2)
          expect(threshold).toBeLessThanOrEqual(largestThreshold(total))
          expect(total).toBeLessThanOrEqual(Math.min(slaves, init.maxSlaves))
          expect(failureProbability(threshold, total, init.slaveFailure)).toBeLessThanOrEqual(init.failureTarget)
        }
      )
    )
  })

  it('every allowed pair is drawn', () => {
    const random = seededRandom('all pairs')
    const drawn = new Set(Array.from({ length: 1000 }, () => JSON.stringify(chooseThreshold(LOOSE, 10, random))))
    expect(drawn.size).toBe(26)
  })

  it('presets keep their (r, s); a fixed pair with too few slaves gives NOT_ENOUGH_SLAVES', () => {
    const random = seededRandom(1)
    for (const preset of Object.values(THRESHOLD_PRESETS)) {
      const policy = thresholdPolicy(preset)
      if (policy.fixed === undefined) continue
      expect(chooseThreshold(policy, policy.fixed.total, random)).toEqual(policy.fixed)
      expect(() => chooseThreshold(policy, (policy.fixed?.total ?? 0) - 1, random)).toThrow(
        expect.objectContaining({ code: 'NOT_ENOUGH_SLAVES' })
      )
    }
  })

  it('a policy out of range is a RangeError that names the field', () => {
    expect(() => thresholdPolicy({ maxSlaves: 2 })).toThrow(/^maxSlaves/)
    expect(() => thresholdPolicy({ slaveFailure: 0 })).toThrow(/^slaveFailure/)
    expect(() => thresholdPolicy({ fixed: { threshold: 4, total: 3 } })).toThrow(/^fixed.threshold/)
  })
})

describe('sealThreshold', () => {
  const random = seededRandom('seal')
  const seal = {
    image: 'a'.repeat(64) as ImageId,
    sharing: 'b'.repeat(16) as SharingId,
    thresholdKey: random.fill(new Uint8Array(32))
  }

  it('opens with its key, image and sharing only, holds 2 <= r <= s, and does not show r', () => {
    const sealed = sealThreshold({ threshold: 6, total: 10 }, { ...seal, random })
    expect(openThreshold(sealed, seal)).toEqual({ threshold: 6, total: 10 })
    const others = [
      { ...seal, image: 'c'.repeat(64) as ImageId },
      { ...seal, sharing: 'c'.repeat(16) as SharingId },
      { ...seal, thresholdKey: new Uint8Array(32) }
    ]
    for (const other of others) {
      expect(() => openThreshold(sealed, other)).toThrow(expect.objectContaining({ code: 'KEY_WRONG' }))
    }
    for (const split of [
      { threshold: 1, total: 10 },
      { threshold: 4, total: 3 }
    ]) {
      const sealed = sealThreshold(split, { ...seal, random })
      expect(() => openThreshold(sealed, seal)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    }
    const twin = sealThreshold({ threshold: 2, total: 10 }, { ...seal, random })
    expect(twin).toHaveLength(sealed.length)
  })
})
