import { NetError } from '../../base/errors.ts'
import { failureProbability } from '../../node/placement/failure-probability.ts'

/** A pair (r, s) with what it promises and costs. */
export interface PolicyRow {
  readonly name: string
  readonly r: number
  readonly s: number
  /** P(an image cannot be read), Theorem 4 as proven, before repair. */
  readonly failure: number
  /** -log10 of it: 3 is 99.9 %. */
  readonly nines: number
  /** Bytes kept a byte of encrypted image: s/r by the reference scheme. */
  readonly storage: number
  /** By the paper's scheme, whose shadows carry their vectors (an m-th of the image each, m = 8) besides. */
  readonly storagePaper: number
  readonly meetsTarget: boolean
}

/** What is asked of a policy. */
export interface PolicyQuestion {
  /** Largest probability of an unreadable image. */
  readonly target: number
  /** Probability that a slave is down. */
  readonly p: number
  /** The most shadows an image may have. */
  readonly maxSlaves: number
}

/** The paper's pairs and two that storage networks use (Tahoe's, Sia's). */
const POLICY_PRESETS: readonly (readonly [name: string, r: number, s: number])[] = Object.freeze([
  ['paper3', 2, 3],
  ['paper10', 6, 10],
  ['durable', 3, 10],
  ['archive', 10, 30]
] as const)

const BLOCK_SIDE = 8 // m of the paper's scheme

/**
 * For each s the largest r that meets the target, cheapest first, then the presets.
 * @throws NetError `SCENARIO_INVALID` when a number is out of range
 */
export function choosePolicy({ target, p, maxSlaves }: PolicyQuestion): { best: PolicyRow[]; presets: PolicyRow[] } {
  if (!(target > 0 && target < 1))
    throw new NetError('SCENARIO_INVALID', `target must lie between 0 and 1, not ${target}`)
  if (!(p >= 0 && p <= 1)) throw new NetError('SCENARIO_INVALID', `p must be a probability from 0 to 1, not ${p}`)
  if (!Number.isInteger(maxSlaves) || maxSlaves < 2 || maxSlaves > 255) {
    throw new NetError('SCENARIO_INVALID', `max-slaves must be a whole number from 2 to 255, not ${maxSlaves}`)
  }
  const row = (name: string, r: number, s: number): PolicyRow => {
    const failure = failureProbability(r, s, p)
    return {
      name,
      r,
      s,
      failure,
      nines: failure === 0 ? Number.POSITIVE_INFINITY : -Math.log10(failure),
      storage: s / r,
      storagePaper: s / r + s / BLOCK_SIDE,
      meetsTarget: failure <= target
    }
  }
  const best: PolicyRow[] = []
  for (let s = 2; s <= maxSlaves; s++) {
    for (let r = s; r >= 2; r--) {
      const candidate = row('', r, s)
      if (!candidate.meetsTarget) continue
      best.push(candidate)
      break
    }
  }
  best.sort((a, b) => a.storage - b.storage || a.s - b.s)
  return { best, presets: POLICY_PRESETS.map(([name, r, s]) => row(name, r, s)) }
}
