import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { AUGMENTATIONS, augment } from '../../../models/data/augment.ts'
import { cut, equalise, headBox, reframe } from '../../../models/data/reframe.ts'

const SIDE = 32

/** A dark plane of one level with a brighter block on it. */
function block(of: { left: number; top: number; width: number; height: number }, dark = 3): Uint8Array {
  const view = new Uint8Array(SIDE ** 2).fill(dark)
  for (let y = of.top; y < of.top + of.height; y++) {
    for (let x = of.left; x < of.left + of.width; x++) view[y * SIDE + x] = 100 + ((7 * x + 5 * y) % 100)
  }
  return view
}

const HEAD = { left: 8, top: 4, width: 16, height: 20 }

describe('the box of a head', () => {
  it('is what is brighter than the background, without specks of two pixels', () => {
    const view = block(HEAD)
    view[31] = view[63] = 255
    expect(headBox(view, SIDE)).toEqual(HEAD)
    expect(headBox(block(HEAD, 60), SIDE)).toEqual(HEAD)
  })

  it('of a view of one tone is the whole view', () => {
    expect(headBox(new Uint8Array(SIDE ** 2).fill(90), SIDE)).toEqual({ left: 0, top: 0, width: SIDE, height: SIDE })
  })
})

describe('a cut', () => {
  it('of the whole view is the view, and of the head has no background', () => {
    const view = block(HEAD)
    expect(cut(view, SIDE, { left: 0, top: 0, width: SIDE, height: SIDE })).toEqual(view)
    expect(Math.min(...cut(view, SIDE, headBox(view, SIDE)))).toBeGreaterThanOrEqual(50) // halves of edge pixels
  })

  it('is black where the box reaches beyond the view', () => {
    const seen = cut(new Uint8Array(SIDE ** 2).fill(200), SIDE, { left: -SIDE, top: 0, width: 2 * SIDE, height: SIDE })
    expect([seen[0], seen[SIDE / 2 - 1], seen[SIDE / 2], seen[SIDE - 1]]).toEqual([0, 0, 200, 200])
  })
})

describe('an even histogram', () => {
  it('spreads the tones from 0 to 255, keeps their order, and leaves a view of one tone', () => {
    const view = Uint8Array.from({ length: SIDE ** 2 }, (_, at) => 100 + (at % 4))
    expect([...new Set(equalise(view))]).toEqual([0, 85, 170, 255])
    expect(equalise(new Uint8Array(9).fill(7))).toEqual(new Uint8Array(9).fill(7))
  })
})

describe('reframing', () => {
  const view = block(HEAD)
  const shown = (by: { crop: number; equalise: number }, seed: string): Uint8Array =>
    reframe(view, { side: SIDE, by, random: seededRandom(seed) })

  it('with shares of 0 leaves the view; of 0.3 and 0.2 it leaves about 56 of 100', () => {
    expect(shown({ crop: 0, equalise: 0 }, 'any')).toBe(view)
    const plain = Array.from({ length: 1000 }, (_, at) => shown({ crop: 0.3, equalise: 0.2 }, `${at}`) === view)
    const share = plain.filter(Boolean).length / 1000
    expect(share).toBeGreaterThan(0.51)
    expect(share).toBeLessThan(0.61)
  })

  it('cuts tightly and loosely: the head fills from under three quarters of the width to all of it', () => {
    const widths = Array.from({ length: 300 }, (_, at) => {
      const seen = shown({ crop: 1, equalise: 0 }, `${at}`)
      return headBox(seen, SIDE).width / SIDE
    })
    expect(Math.min(...widths)).toBeLessThan(0.75)
    expect(Math.max(...widths)).toBe(1)
  })

  it('is what the amount framing adds to full, and no other amount reframes', () => {
    const drawn = (amount: string): Float32Array => {
      const to = new Float32Array(SIDE ** 2)
      augment(view, to, { side: SIDE, by: AUGMENTATIONS[amount], random: seededRandom('one') })
      return to
    }
    expect(drawn('framing')).not.toEqual(drawn('full'))
    const { reframing, ...rest } = AUGMENTATIONS.framing
    expect([reframing, rest]).toEqual([{ crop: 0.3, equalise: 0.2 }, AUGMENTATIONS.full])
    expect(Object.keys(AUGMENTATIONS).filter(name => AUGMENTATIONS[name].reframing !== undefined)).toEqual(['framing'])
  })
})
