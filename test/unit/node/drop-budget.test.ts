import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { DropBudget } from '../../../node/slave/drop-budget.ts'

const MINUTE = 60_000

function world(maxPerHour?: number) {
  const time = { ms: 5 * MINUTE }
  const clock: Clock = { now: () => 0, monotonic: () => time.ms, setTimer: () => () => {} }
  return { time, budget: new DropBudget(clock, maxPerHour) }
}

describe('drop budget', () => {
  it('3 an hour: the 4th is refused and counted, and an hour later there are 3 again', () => {
    const { time, budget } = world(3)
    expect([1, 2, 3, 4, 5].map(() => budget.take(100))).toEqual([true, true, true, false, false])
    expect([budget.drops, budget.refused]).toEqual([3, 2])
    time.ms += 59 * MINUTE
    expect(budget.take(100)).toBe(false)
    time.ms += MINUTE
    expect([budget.drops, budget.refused]).toEqual([0, 1])
    expect([1, 2, 3, 4].map(() => budget.take(100))).toEqual([true, true, true, false])
  })

  it('without a setting: 1,000 of a small slave, 5 % of what a large one held when the hour began', () => {
    expect(world().budget.limit(100)).toBe(1000)
    const { budget } = world()
    let held = 40_000
    while (budget.take(held)) held--
    expect(40_000 - held).toBe(2000)
  })

  it('0 an hour: none is ever dropped', () => {
    expect(world(0).budget.take(1e9)).toBe(false)
  })
})
