import { NetError } from '../../base/errors.ts'
import { checkWhole, withDefaults } from '../../base/options.ts'
import { type Random, randomBelow } from '../../base/random.ts'
import type { Split } from '../../crypto/split.ts'
import { failureProbability } from './failure-probability.ts'

/** Which (r, s) a master may draw. */
export interface ThresholdPolicy {
  /** SCS_max: the most shadows an image is split into, 3 to 255. */
  readonly maxSlaves: number
  /** The fewest shadows an image is split into, 3 to `maxSlaves`. */
  readonly minSlaves: number
  /** p: the probability with which one slave is assumed to be away when an image is read. */
  readonly slaveFailure: number
  /** The largest probability of an unreadable image at that p. A policy whose pairs all exceed it offers none. */
  readonly failureTarget: number
  /** Always exactly this (r, s) instead of a draw; the target is then not asked. */
  readonly fixed?: Split
}

/**
 * The defaults of {@link ThresholdPolicy}: the paper's SCS_max of ten. At p = 0.1 its best pair with three slaves, (2, 3),
 * fails with 2.8e-2, so the target lets a network of three slaves work at all; a larger one should ask for less.
 */
export const THRESHOLD_DEFAULTS: ThresholdPolicy = Object.freeze({
  maxSlaves: 10,
  minSlaves: 3,
  slaveFailure: 0.1,
  failureTarget: 3e-2
})

/** Fixed policies by name, with what they promise at p = 0.1: 2.8e-2, 1.6e-3 (the paper's two), 3.7e-7 and 5.8e-15. */
export const THRESHOLD_PRESETS = Object.freeze({
  paper3: Object.freeze({ fixed: Object.freeze({ threshold: 2, total: 3 }) }),
  paper10: Object.freeze({ fixed: Object.freeze({ threshold: 6, total: 10 }) }),
  durable: Object.freeze({ fixed: Object.freeze({ threshold: 3, total: 10 }) }),
  archive: Object.freeze({ fixed: Object.freeze({ threshold: 10, total: 30 }), maxSlaves: 30 }),
  dynamic: Object.freeze({})
}) satisfies Record<string, Partial<ThresholdPolicy>>

/** The largest threshold that still leaves room for failures: s - max(1, floor(0.4 s)). */
export function largestThreshold(total: number): number {
  return total - Math.max(1, Math.floor(0.4 * total))
}

/** A complete policy over {@link THRESHOLD_DEFAULTS}. @throws RangeError naming the field that is out of range */
export function thresholdPolicy(init: Partial<ThresholdPolicy> = {}): ThresholdPolicy {
  const policy = withDefaults(THRESHOLD_DEFAULTS, init)
  const { fixed } = policy
  if (fixed !== undefined) {
    checkWhole('fixed.total', fixed.total, 2, 255)
    checkWhole('fixed.threshold', fixed.threshold, 2, fixed.total)
    return policy
  }
  checkWhole('maxSlaves', policy.maxSlaves, 3, 255)
  checkWhole('minSlaves', policy.minSlaves, 3, policy.maxSlaves)
  for (const name of ['slaveFailure', 'failureTarget'] as const) {
    const value = policy[name]
    if (!(value > 0 && value < 1)) throw new RangeError(`${name} must lie between 0 and 1, not ${value}`)
  }
  return policy
}

/** Every (r, s) that a policy allows with at most `slaves` holders, ascending by s and then r. */
export function allowedThresholds(policy: ThresholdPolicy, slaves: number): Split[] {
  if (policy.fixed !== undefined) return policy.fixed.total <= slaves ? [policy.fixed] : []
  const allowed: Split[] = []
  for (let total = policy.minSlaves; total <= Math.min(policy.maxSlaves, slaves); total++) {
    for (let threshold = 2; threshold <= largestThreshold(total); threshold++) {
      const fails = failureProbability(threshold, total, policy.slaveFailure)
      if (fails <= policy.failureTarget) allowed.push({ threshold, total })
    }
  }
  return allowed
}

/**
 * Draw (r, s) evenly from what the policy allows with the `slaves` that can take a shadow now (DynamicShadowsGen,
 * Alg. 2, step 1). Fewer slaves leave the smaller pairs.
 * @throws NetError `NOT_ENOUGH_SLAVES` when the policy allows none
 */
export function chooseThreshold(policy: ThresholdPolicy, slaves: number, random: Random): Split {
  const allowed = allowedThresholds(policy, slaves)
  if (allowed.length === 0) {
    const need = policy.fixed?.total ?? fewestSlaves(policy)
    throw new NetError('NOT_ENOUGH_SLAVES', `${slaves} slaves can take a shadow, the policy asks for ${need}`, {
      detail: { have: slaves, need }
    })
  }
  return allowed[randomBelow(random, allowed.length)]
}

function fewestSlaves(policy: ThresholdPolicy): number {
  return allowedThresholds(policy, policy.maxSlaves)[0]?.total ?? policy.maxSlaves + 1
}
