import { describe, expect, it } from 'vitest'
import { Semaphore } from '../../../base/semaphore.ts'
import { codeOf } from '../../contract/network-suite.ts'

describe('Semaphore', () => {
  it('2 inside, 2 in line, the fifth is BUSY; who leaves lets the first in line in', async () => {
    const semaphore = new Semaphore(2, 2)
    const [leave] = [await semaphore.enter(), await semaphore.enter()]
    const order: number[] = []
    const third = semaphore.enter().then(() => order.push(3))
    const fourth = semaphore.enter().then(leaveFourth => {
      order.push(4)
      return leaveFourth
    })
    expect(await codeOf(semaphore.enter())).toBe('BUSY')
    leave()
    leave() // a second time changes nothing
    await third
    expect(order).toEqual([3])
    expect(semaphore.idle).toBe(false)
    void fourth
  })
  it('who gives up in line does not take the place', async () => {
    const semaphore = new Semaphore(1, 5)
    const leave = await semaphore.enter()
    const controller = new AbortController()
    const code = codeOf(semaphore.enter({ signal: controller.signal }))
    controller.abort()
    expect(await code).toBe('REQUEST_ABORTED')
    leave()
    expect(semaphore.idle).toBe(true)
    expect(await codeOf(semaphore.enter({ signal: AbortSignal.abort() }))).toBe('none') // there was room: the caller looks at its signal itself
  })
  it('work that fails leaves its place', async () => {
    const semaphore = new Semaphore(1)
    await expect(semaphore.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(semaphore.idle).toBe(true)
    expect(await semaphore.run(async () => 'done')).toBe('done')
  })
})
