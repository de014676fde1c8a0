import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { peerId } from '../../../base/ids.ts'
import { Budget, Gate, RateLimiter } from '../../../protocols/admission.ts'
import { codeOf } from '../../contract/network-suite.ts'

const CALLER = peerId('1'.repeat(52))
const OTHER = peerId('2'.repeat(52))
const forever = new AbortController().signal

describe('RateLimiter', () => {
  it('10 a second: 20 at once, then 10 in each second, for each caller and protocol apart', async () => {
    let now = 0
    const clock: Clock = { now: () => now, setTimer: () => () => {} }
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
})

describe('Gate', () => {
  it('2 inside, 2 in line, the fifth is BUSY; who leaves lets the first in line in', async () => {
    const gate = new Gate(2, 2)
    const [leave] = [await gate.enter(forever), await gate.enter(forever)]
    const order: number[] = []
    const third = gate.enter(forever).then(() => order.push(3))
    const fourth = gate.enter(forever).then(leaveFourth => {
      order.push(4)
      return leaveFourth
    })
    expect(await codeOf(gate.enter(forever))).toBe('BUSY')
    leave()
    leave() // a second time changes nothing
    await third
    expect(order).toEqual([3])
    expect(gate.idle).toBe(false)
    void fourth
  })
  it('who gives up in line does not take the place', async () => {
    const gate = new Gate(1, 5)
    const leave = await gate.enter(forever)
    const controller = new AbortController()
    const code = codeOf(gate.enter(controller.signal))
    controller.abort()
    expect(await code).toBe('REQUEST_ABORTED')
    leave()
    expect(gate.idle).toBe(true)
    expect(await codeOf(gate.enter(AbortSignal.abort()))).toBe('none') // there was room: the caller looks at its signal itself
  })
})

describe('Budget', () => {
  it('100 bytes: 60 and 40 pass, one more is BUSY until some come back, once each', async () => {
    const budget = new Budget(100)
    const take = (bytes: number): Promise<unknown> => codeOf((async () => budget.take(bytes))())
    const giveBack = budget.take(60)
    expect(await take(40)).toBe('none')
    expect(await take(1)).toBe('BUSY')
    giveBack()
    giveBack()
    expect(await take(61)).toBe('BUSY')
    expect(await take(60)).toBe('none')
  })
})
