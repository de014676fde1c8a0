import { describe, expect, it } from 'vitest'
import { randomBelow, seededRandom } from '../../../base/random.ts'
import { certifyNearest } from '../../../models/evaluate/certify-nearest.ts'
import type { ViewSet } from '../../../models/data/load-views.ts'

const SIDE = 4

function viewsOf(planes: readonly (readonly number[])[], labels: readonly number[]): ViewSet {
  const pixels = new Uint8Array(new SharedArrayBuffer(planes.length * SIDE ** 2))
  planes.forEach((plane, at) => {
    pixels.set(plane, at * SIDE ** 2)
  })
  const names = planes.map((_, at) => `${at}`)
  return { side: SIDE, classes: ['a', 'b'], names, labels: Int32Array.from(labels), pixels, digest: '', unreadable: [] }
}

/** Whether the nearest of `rows` to x is of class 0 (ties count for it). */
function isRight(x: readonly number[], rows: readonly (readonly number[])[], labels: readonly number[]): boolean {
  const squares = rows.map(row => row.reduce((total, value, i) => total + (value - x[i]) ** 2, 0))
  const nearest = (label: number): number => Math.min(...squares.filter((_, at) => labels[at] === label))
  return nearest(0) <= nearest(1)
}

describe('the certificate of a nearest neighbour', () => {
  const flat = (level: number): number[] => new Array(SIDE ** 2).fill(level)

  it('is half the way to the border between two flat images', () => {
    const [found] = certifyNearest(viewsOf([flat(110)], [0]), viewsOf([flat(100), flat(140)], [0, 1]))
    expect(found.right).toBe(true)
    expect(found.epsilon).toBeCloseTo(10 / 255, 12) // from 110 to 120
  })

  it('is 0 where the nearest image is of another class, or where there is none of the own', () => {
    const training = viewsOf([flat(100), flat(140)], [0, 1])
    expect(certifyNearest(viewsOf([flat(135)], [0]), training)).toEqual([{ right: false, epsilon: 0 }])
    expect(certifyNearest(viewsOf([flat(100)], [0]), viewsOf([flat(140)], [1]))).toEqual([{ right: false, epsilon: 0 }])
  })

  it('is never too large: just below it no corner towards another class changes the answer (200 seeded cases)', () => {
    const random = seededRandom('certificate')
    const plane = (): number[] => Array.from({ length: SIDE ** 2 }, () => 64 + randomBelow(random, 128))
    let attacked = 0
    for (let round = 0; round < 200; round++) {
      const rows = Array.from({ length: 8 }, plane)
      const labels = rows.map((_, at) => at % 2)
      const near = rows[0].map(value => value + randomBelow(random, 41) - 20)
      const [{ epsilon }] = certifyNearest(viewsOf([near], [0]), viewsOf(rows, labels))
      if (epsilon === 0) continue
      for (const b of rows.filter((_, at) => labels[at] === 1)) {
        for (const a of rows.filter((_, at) => labels[at] === 0)) {
          const moved = near.map((value, i) => value + 254.9 * epsilon * Math.sign(b[i] - a[i]))
          expect(isRight(moved, rows, labels), `round ${round}`).toBe(true)
          attacked++
        }
      }
    }
    expect(attacked).toBeGreaterThan(1000)
  })

  it('with two images is exact: just beyond it the corner towards the other class is nearer to that one', () => {
    const random = seededRandom('exact certificate')
    const plane = (): number[] => Array.from({ length: SIDE ** 2 }, () => 64 + randomBelow(random, 128))
    for (let round = 0; round < 50; round++) {
      const [a, b] = [plane(), plane()]
      const [{ epsilon }] = certifyNearest(viewsOf([a], [0]), viewsOf([a, b], [0, 1]))
      const moved = (by: number): number[] => a.map((value, i) => value + 255 * epsilon * by * Math.sign(b[i] - a[i]))
      expect([isRight(moved(0.999), [a, b], [0, 1]), isRight(moved(1.001), [a, b], [0, 1])]).toEqual([true, false])
    }
  })
})
