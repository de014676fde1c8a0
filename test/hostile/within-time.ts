import { expect } from 'vitest'

const WITHIN_MS = 1_000 // on a machine with nothing else to do
const BUSY_MS = 10_000 // where other work takes its share; what an attack holds up waits for longer or fails

/** Do what an honest caller does; it may neither fail nor take long, and says so where it took more than a second. */
export async function withinTime<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  const took = performance.now() - start
  if (took > WITHIN_MS) console.info(`${what} took ${took.toFixed(0)} ms`)
  expect(took).toBeLessThan(BUSY_MS)
  return result
}
