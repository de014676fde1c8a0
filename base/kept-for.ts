import type { Clock } from './clock.ts'

/**
 * A function that runs `work` for the first who asks, and gives its result to all who ask meanwhile and for `keepMs`
 * after it is done. One that fails fails for those who wait, and is not kept.
 */
export function keptFor<T>(keepMs: number, work: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: Promise<T> | undefined
  let until = Infinity
  return () => {
    if (last !== undefined && clock.monotonic() < until) return last
    until = Infinity
    const now = work()
    now.then(
      () => {
        until = clock.monotonic() + keepMs
      },
      () => {
        last = undefined
      }
    )
    last = now
    return now
  }
}
