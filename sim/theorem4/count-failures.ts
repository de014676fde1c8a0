import { bitCount } from '../../base/bit-count.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'

/** How holders fail in the counting mode. */
export type FailureModel =
  /** Each alone, with its own probability; `p[i]` of holder i. */
  | { readonly kind: 'independent'; readonly p: readonly number[] }
  /** Whole sites with `siteP`, a slave of a live site with `slaveP`; `holders[j]` holders stand in site j. */
  | { readonly kind: 'sites'; readonly holders: readonly number[]; readonly siteP: number; readonly slaveP: number }
  /** Exactly `failed` of `slaves`, drawn evenly; `holders` of them hold the image. */
  | { readonly kind: 'drawn'; readonly holders: number; readonly slaves: number; readonly failed: number }

const LANES = 32 // trials that one 32-bit word carries

/**
 * The closed counting mode: no peers, only coins. Draws which holders are alive and counts the trials in which fewer
 * than `threshold` are; 32 trials at a time, one to a bit, for all models but the drawn one. `trials` is rounded up to a
 * multiple of 32; returns what was tried and what failed.
 */
export function countFailures(
  model: FailureModel,
  threshold: number,
  { trials, random }: { readonly trials: number; readonly random: SeededStream }
): { trials: number; failures: number } {
  if (model.kind === 'drawn') return countDrawn(model, threshold, { trials, random })
  const words = Math.ceil(trials / LANES)
  const planes = new Int32Array(9) // bit-sliced counters of up to 511 holders
  let failures = 0
  for (let word = 0; word < words; word++) {
    planes.fill(0)
    if (model.kind === 'independent') {
      for (const p of model.p) addLanes(planes, ~failLanes(random, p))
    } else {
      for (const holders of model.holders) {
        const standing = ~failLanes(random, model.siteP)
        for (let k = 0; k < holders; k++) addLanes(planes, standing & ~failLanes(random, model.slaveP))
      }
    }
    failures += bitCount(lanesBelow(planes, threshold))
  }
  return { trials: words * LANES, failures }
}

/** 32 coins that show 1 with probability p: each lane compares a uniform number with p from the top bit down. */
function failLanes(random: SeededStream, p: number): number {
  if (p >= 1) return -1
  const target = Math.round(p * 2 ** 32) >>> 0
  let undecided = -1
  let ones = 0
  for (let bit = 31; bit >= 0 && undecided !== 0; bit--) {
    const word = random.word()
    if ((target >>> bit) & 1) {
      ones |= undecided & ~word
      undecided &= word
    } else {
      undecided &= ~word
    }
  }
  return ones
}

/** Add one bit a lane to the bit-sliced counters. */
function addLanes(planes: Int32Array, bits: number): void {
  let carry = bits
  for (let k = 0; carry !== 0; k++) {
    const sum = planes[k] ^ carry
    carry &= planes[k]
    planes[k] = sum
  }
}

/** The lanes whose counter is less than `limit`. */
function lanesBelow(planes: Int32Array, limit: number): number {
  let below = 0
  let equal = -1
  for (let k = planes.length - 1; k >= 0; k--) {
    if ((limit >>> k) & 1) {
      below |= equal & ~planes[k]
      equal &= planes[k]
    } else {
      equal &= ~planes[k]
    }
  }
  return below
}

function countDrawn(
  { holders, slaves, failed }: Extract<FailureModel, { kind: 'drawn' }>,
  threshold: number,
  { trials, random }: { readonly trials: number; readonly random: SeededStream }
): { trials: number; failures: number } {
  let failures = 0
  for (let trial = 0; trial < trials; trial++) {
    let left = failed
    let alive = 0
    // Walk the holders; each fails with (failures left) / (slaves left), which draws without replacement.
    for (let k = 0; k < holders; k++) {
      if (random.below(slaves - k) < left) left--
      else alive++
    }
    if (alive < threshold) failures++
  }
  return { trials, failures }
}
