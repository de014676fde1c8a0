import { describe, expect, it } from 'vitest'
import { ByteBudget } from '../../../base/byte-budget.ts'
import { codeOf } from '../../contract/network-suite.ts'

describe('ByteBudget', () => {
  it('100 bytes: 60 and 40 pass, one more is BUSY until some come back, once each', async () => {
    const budget = new ByteBudget(100)
    const take = (bytes: number): Promise<unknown> => codeOf((async () => budget.take(bytes))())
    const giveBack = budget.take(60)
    expect(await take(40)).toBe('none')
    expect(await take(1)).toBe('BUSY')
    giveBack()
    giveBack()
    expect(await take(61)).toBe('BUSY')
    expect(await take(60)).toBe('none')
  })
  it('an image of 101 bytes of 100 is IMAGE_TOO_LARGE, one of 100 is BUSY while a byte is in hand; failed work gives back', async () => {
    const budget = new ByteBudget(100)
    const spend = (bytes: number): Promise<unknown> => codeOf(budget.spend(bytes, async () => {}))
    expect(await spend(101)).toBe('IMAGE_TOO_LARGE')
    const giveBack = budget.take(1)
    expect(await spend(100)).toBe('BUSY')
    giveBack()
    await expect(budget.spend(100, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await spend(100)).toBe('none')
  })
})
