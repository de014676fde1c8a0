import { describe, expect, it } from 'vitest'
import { allDoors } from './doors/all.ts'
import { corpusOf, runDoor } from './engine/run-door.ts'

const SEED = 'npm test' // `npm run fuzz` goes on from here
const CASES = 300
const LIMIT_MS = 10_000

const doors = (await allDoors()).map(door => ({ name: door.name, door }))

describe('made inputs', () => {
  it.each(doors)(
    `$name: ${CASES} of them, and all that were ever kept, end well or with a code, and none takes 100 ms`,
    async ({ name, door }) => {
      const until = performance.now() + LIMIT_MS
      const { faults, cases } = await runDoor(door, { seed: SEED, cases: CASES, until })
      const told = faults.map(({ what, input }) => `${what}: ${Buffer.from(input).toString('hex').slice(0, 400)}`)
      expect(told, `${name}, seed ${SEED}`).toEqual([])
      expect(cases + corpusOf(name).length).toBeGreaterThan(0)
    }
  )
})
