import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clock, sleep } from '../../../base/clock.ts'
import { NetError } from '../../../base/errors.ts'
import type { PeerId, ShadowNumber } from '../../../base/ids.ts'
import type { Holder } from '../../../indexing/image-record.ts'
import { gatherShadows } from '../../../node/placement/gather-shadows.ts'
import { LatencyWindow } from '../../../node/peers/latency-window.ts'
import { EventLoop } from '../../../sim/virtual/event-loop.ts'
import { VirtualClock } from '../../../sim/virtual/virtual-clock.ts'

type Conduct = 'good' | 'corrupt' | 'missing' | 'silent' | 'slow'

function scene(conducts: readonly Conduct[]) {
  const loop = new EventLoop()
  const clock: Clock = new VirtualClock(loop)
  const asked: number[] = []
  const cancelled: number[] = []
  const holders = conducts.map(
    (_, at): Holder => ({
      slave: `slave ${at}` as PeerId,
      number: (at + 1) as ShadowNumber,
      digest: '',
      bytes: 0,
      receipt: new Uint8Array()
    })
  )
  const gather = (threshold: number) =>
    loop.until(
      gatherShadows(holders, threshold, {
        clock,
        ask: async ({ number }, { signal }) => {
          asked.push(number)
          signal.addEventListener('abort', () => cancelled.push(number))
          const conduct = conducts[number - 1]
          await sleep(clock, conduct === 'silent' ? 60_000 : conduct === 'slow' ? 2_000 : 10, { signal })
          if (conduct === 'missing') throw new NetError('SHADOW_MISSING', 'gone')
          return Uint8Array.of(number, Number(conduct === 'corrupt'))
        },
        open: (_, shadow) => {
          if (shadow[1] === 1) throw new NetError('SHADOW_CORRUPT', 'altered')
          return shadow
        },
        lateAfterMs: () => 100
      })
    )
  return { loop, asked, cancelled, gather }
}

describe('gatherShadows', () => {
  it('r=3 s=6, all well: asks 4, needs 3, cancels the fourth', async () => {
    const { gather, asked } = scene(['good', 'good', 'good', 'silent', 'good', 'good'])
    expect(await gather(3)).toHaveLength(3)
    expect(asked).toEqual([1, 2, 3, 4])
  })

  it('r=3 s=6, three hung: hedges to the spares after 100 ms, ends within 250 ms', async () => {
    const { gather, loop, asked, cancelled } = scene(['silent', 'silent', 'silent', 'good', 'good', 'good'])
    expect((await gather(3)).map(([number]) => number).sort()).toEqual([4, 5, 6])
    expect(loop.now).toBeLessThan(250)
    expect(asked).toHaveLength(6)
    expect(cancelled).toEqual(expect.arrayContaining([1, 2, 3]))
  })

  it('r=3 s=4, one corrupt and one missing: NOT_ENOUGH_SHADOWS with have 2 and total 4, and never r', async () => {
    const { gather } = scene(['good', 'corrupt', 'missing', 'good'])
    await expect(gather(3)).rejects.toMatchObject({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 2, total: 4 } })
  })

  it('gives r good shadows exactly when r holders are good or slow, whatever the others do', async () => {
    const conduct = fc.constantFrom<Conduct>('good', 'corrupt', 'missing', 'silent', 'slow')
    await fc.assert(
      fc.asyncProperty(
        fc.array(conduct, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        async (conducts, r) => {
          const well = conducts.filter(each => each !== 'corrupt' && each !== 'missing').length // silence ends after a minute
          const gathered = scene(conducts).gather(r)
          if (well < r) await expect(gathered).rejects.toMatchObject({ code: 'NOT_ENOUGH_SHADOWS' })
          else {
            const shadows = await gathered
            expect(shadows).toHaveLength(r)
            expect(new Set(shadows.map(([number]) => number)).size).toBe(r)
            expect(shadows.every(([, corrupt]) => corrupt === 0)).toBe(true)
          }
        }
      ),
      { numRuns: 200 }
    )
  })
})

describe('LatencyWindow', () => {
  it('p95 of 1 to 100 ms, of which it remembers the last 32, is 99 ms', () => {
    const window = new LatencyWindow()
    expect(window.p95()).toBeUndefined()
    for (let ms = 1; ms <= 100; ms++) window.add(ms)
    expect(window.p95()).toBe(99)
  })

  it('scales with the work', () => {
    const window = new LatencyWindow()
    window.add(40, 4)
    expect(window.p95(8)).toBe(80)
  })
})
