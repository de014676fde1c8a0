import { describe, expect, it } from 'vitest'
import { FairBudget } from '../../../base/fair-budget.ts'
import { codeOf } from '../../contract/network-suite.ts'

describe('FairBudget', () => {
  const taken = (budget: FairBudget, caller: string, bytes: number): Promise<unknown> =>
    codeOf((async () => budget.open(caller).take(bytes))())

  it('100 bytes: one caller holds 60 and 40, one more is BUSY until some come back, once each', async () => {
    const budget = new FairBudget(100)
    const first = budget.open('a')
    first.take(50)
    first.take(10)
    expect(await taken(budget, 'a', 40)).toBe('none')
    expect(await taken(budget, 'a', 1)).toBe('BUSY')
    first.giveBack()
    first.giveBack()
    expect(budget.usedBytes).toBe(40)
    expect(await taken(budget, 'a', 61)).toBe('BUSY')
    expect(await taken(budget, 'a', 60)).toBe('none')
  })
  it('while one caller holds all it may, the next may hold a third, and the one after a ninth', async () => {
    const budget = new FairBudget(900)
    expect(await taken(budget, 'a', 900)).toBe('none')
    expect(await taken(budget, 'b', 301)).toBe('BUSY')
    expect(await taken(budget, 'b', 300)).toBe('none')
    expect(await taken(budget, 'c', 101)).toBe('BUSY')
    expect(await taken(budget, 'c', 100)).toBe('none')
  })
  it('an image of 101 bytes of 100 is IMAGE_TOO_LARGE, one of 100 is BUSY while a byte is in hand; failed work gives back', async () => {
    const budget = new FairBudget(100)
    const spend = (bytes: number): Promise<unknown> => codeOf(budget.spend('a', bytes, async () => {}))
    expect(await spend(101)).toBe('IMAGE_TOO_LARGE')
    const one = budget.open('a')
    one.take(1)
    expect(await spend(100)).toBe('BUSY')
    one.giveBack()
    await expect(budget.spend('a', 100, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await spend(100)).toBe('none')
    expect(budget.usedBytes).toBe(0)
  })
})
