import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { ImageId } from '../../base/ids.ts'
import { seededRandom } from '../../base/random.ts'
import { waitUntil } from '../../sim/cluster/wait-until.ts'
import { processGrid } from './process-grid.ts'

const IMAGES = Number(process.env.REPAIR_IMAGES ?? 12) // 500 for the figure of docs/reliability.md
const BYTES = 150 * 1024
const AFTER_MS = 3_000
const grid = processGrid(2, 6, {
  threshold: { fixed: { threshold: 2, total: 4 } },
  repair: { afterMs: AFTER_MS, scanMs: 500 }
})
const picture = (n: number): Uint8Array => seededRandom(`repair ${n}`).fill(new Uint8Array(BYTES))

beforeAll(() => grid.start(), 180_000)
afterAll(() => grid.stop())

describe('2 masters and 6 slaves, each a process, (2, 4)', { timeout: 600_000 }, () => {
  it(`${IMAGES} images of 150 KiB, kill -9 of s - r = 2 slaves: all are shared anew on the other four, and read back bit for bit`, async () => {
    const stored = new Map<ImageId, number>()
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < IMAGES) {
        const n = next++
        stored.set((await grid.client.owner.store(picture(n))).id, n)
      }
    }
    await Promise.all([lane(), lane(), lane(), lane()])
    const [first, second] = grid.running('slave')
    const began = systemClock.monotonic()
    await Promise.all([grid.kill(first), grid.kill(second)])
    const isWhole = async (): Promise<boolean> => {
      const { healthy, slaves, repair } = await grid.client.user.status()
      return healthy === IMAGES && slaves.filter(({ alive }) => alive).length === 4 && repair.waiting === 0
    }
    await waitUntil(isWhole, { clock: systemClock, limitMs: 500_000, late: 'not all images were repaired' })
    const tookMs = systemClock.monotonic() - began
    console.info(
      `${IMAGES} images whole again ${(tookMs / 1000).toFixed(1)} s after the kill, ${AFTER_MS / 1000} s of them grace`
    )
    for (const [image, n] of stored) {
      expect(Buffer.compare(await grid.client.user.fetch(image), picture(n))).toBe(0)
    }
  })
})
