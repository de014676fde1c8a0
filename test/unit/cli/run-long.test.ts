import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { sayHowLong } from '../../../cli/sim/run-long.ts'
import { PAPER_STEPS, shareDone } from '../../../sim/paper/steps.ts'

/** What is said of a run whose share at a time (ms) is told. */
function said(...told: [ms: number, share: number][]): string[] {
  const lines: string[] = []
  let now = 0
  const clock = { monotonic: () => now } as unknown as Clock // all that it uses
  const tell = sayHowLong({ warn: line => lines.push(line) }, clock)
  for (const [ms, share] of told) {
    now = ms
    tell(share)
  }
  return lines
}

describe('how long a long run takes', () => {
  it('is said once, by what the first second brought', () => {
    expect(said([100, 0.001], [1000, 0.01], [2000, 0.02])).toEqual([
      'this takes about 1 min 40 s, by its first 1 s on this machine'
    ])
  })

  it('is not said of what ends within five seconds, nor while nothing is done', () => {
    expect(said([1000, 0.5], [1500, 0.9])).toEqual([])
    expect(said([5000, 0], [9000, 0])).toEqual([])
  })
})

describe('the share of sim paper that is done', () => {
  it('grows from 0 to 1 over its parts, on both engines', () => {
    for (const engine of ['virtual', 'real'] as const) {
      const sizes = { engine, images: 200, seconds: 5, kills: 5 }
      const shares = PAPER_STEPS.flatMap(step => [0, 0.5, 1].map(part => shareDone(sizes, step, part)))
      expect(shares).toEqual([...shares].sort((a, b) => a - b))
      expect(shares[0]).toBe(0)
      expect(shares[shares.length - 1]).toBeCloseTo(1, 12)
    }
  })
})
