import { describe, expect, it } from 'vitest'
import { KeyedMutex } from '../../../base/keyed-mutex.ts'

describe('KeyedMutex', () => {
  it('work on one key runs one after the other, in order; on another key beside it', async () => {
    const mutex = new KeyedMutex()
    const seen: string[] = []
    const [first, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const work = (name: string, until: Promise<void>) => async (): Promise<void> => {
      seen.push(`${name} begins`)
      await until
      seen.push(`${name} ends`)
    }
    const all = [
      mutex.run('a', work('a1', first.promise)),
      mutex.run('a', work('a2', Promise.resolve())),
      mutex.run('b', work('b', other.promise))
    ]
    other.resolve()
    await all[2]
    expect(seen).toEqual(['a1 begins', 'b begins', 'b ends'])
    first.resolve()
    await Promise.all(all)
    expect(seen.slice(3)).toEqual(['a1 ends', 'a2 begins', 'a2 ends'])
  })
  it('work that fails lets the next one run; idle waits for all', async () => {
    const mutex = new KeyedMutex()
    const failing = mutex.run('a', () => Promise.reject(new Error('failed')))
    let done = false
    const next = mutex.run('a', async () => {
      done = true
    })
    await expect(failing).rejects.toThrow('failed')
    await mutex.idle()
    expect(done).toBe(true)
    await next
  })
})
