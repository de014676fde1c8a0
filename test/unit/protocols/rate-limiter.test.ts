import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { peerId } from '../../../base/ids.ts'
import { RateLimiter } from '../../../protocols/rate-limiter.ts'
import { codeOf } from '../../contract/network-suite.ts'

const CALLER = peerId('1'.repeat(52))
const OTHER = peerId('2'.repeat(52))

describe('RateLimiter', () => {
  it('10 a second: 20 at once, then 10 in each second, for each caller and protocol apart', async () => {
    let now = 0
    const clock: Clock = { now: () => 0, monotonic: () => now, setTimer: () => () => {} }
    const limiter = new RateLimiter(clock)
    const passes = async (caller = CALLER, id = 'a'): Promise<number> => {
      for (let passed = 0; ; passed++) {
        const code = await codeOf((async () => limiter.take(caller, { id, ratePerSecond: 10 }))())
        if (code === 'RATE_LIMITED') return passed
        if (passed > 100) return passed
      }
    }
    expect(await passes()).toBe(20)
    expect(await passes(OTHER)).toBe(20)
    expect(await passes(CALLER, 'b')).toBe(20)
    now = 1000
    expect(await passes()).toBe(10)
    now = 100_000
    expect(await passes()).toBe(20)
  })

  it('a clock whose wall time is put back an hour between two requests locks nobody out', () => {
    let wall = 10 * 3_600_000
    let passed = 0
    const limiter = new RateLimiter({ now: () => wall, monotonic: () => passed, setTimer: () => () => {} })
    const take = (): void => limiter.take(CALLER, { id: 'a', ratePerSecond: 1 })
    take()
    take()
    expect(take).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    wall -= 3_600_000
    passed += 1000
    expect(take).not.toThrow()
  })
})
