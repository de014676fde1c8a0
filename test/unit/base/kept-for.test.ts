import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { keptFor } from '../../../base/kept-for.ts'

/** Work whose runs are ended by hand, and a clock that is set by hand. */
function scene() {
  const runs: PromiseWithResolvers<number>[] = []
  const at = { ms: 0 }
  const clock: Clock = { now: () => 0, monotonic: () => at.ms, setTimer: () => () => {} }
  const work = (): Promise<number> => {
    const run = Promise.withResolvers<number>()
    runs.push(run)
    return run.promise
  }
  return { runs, at, ask: keptFor(1000, work, clock) }
}

describe('keptFor', () => {
  it('all who ask while it runs, however long, and until it is too old share one run', async () => {
    const { runs, at, ask } = scene()
    const first = ask()
    at.ms = 50_000
    const second = ask()
    runs[0].resolve(7)
    expect(await Promise.all([first, second])).toEqual([7, 7])
    at.ms = 50_999
    expect(await ask()).toBe(7)
    expect(runs).toHaveLength(1)
    at.ms = 51_000
    const later = ask()
    expect(ask()).toBe(later)
    runs[1].resolve(8)
    expect(await later).toBe(8)
    expect(runs).toHaveLength(2)
  })

  it('a failure is told to those who wait, and the next who asks gets a new run', async () => {
    const { runs, ask } = scene()
    const waiting = [ask(), ask()]
    runs[0].reject(new Error('disk'))
    for (const each of waiting) await expect(each).rejects.toThrow('disk')
    const next = ask()
    runs[1].resolve(1)
    expect(await next).toBe(1)
  })
})
