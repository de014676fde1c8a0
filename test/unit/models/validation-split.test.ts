import { describe, expect, it } from 'vitest'
import { seededRandom, shuffled } from '../../../base/random.ts'
import type { ViewSet } from '../../../models/data/load-views.ts'
import { nearDuplicateClusters } from '../../../models/data/near-duplicates.ts'
import { splitValidation, type ValidationSplit } from '../../../models/data/validation-split.ts'
import { clusters } from './synthetic-views.ts'

const SIDE = 32
const SIZES = [[30, 10, 5, 5, ...new Array(50).fill(1)], new Array(30).fill(4), [40], [1]]
const views = clusters(SIZES, SIDE)

function heldOf(views: ViewSet, { validation }: ValidationSplit, label: number): number[] {
  return [...validation].filter(at => views.labels[at] === label)
}

function looksOf({ pixels }: ViewSet, images: readonly number[]): string[] {
  const plane = SIDE ** 2
  return images.map(at => Buffer.from(pixels.slice(at * plane, (at + 1) * plane)).toString('base64')).sort()
}

/** The images of `views` at these places, all classes moved up by `first`. */
function rearranged(views: ViewSet, order: readonly number[], first: number): ViewSet {
  const plane = SIDE ** 2
  const pixels = new Uint8Array(new SharedArrayBuffer(order.length * plane))
  order.forEach((from, at) => {
    pixels.set(views.pixels.subarray(from * plane, (from + 1) * plane), at * plane)
  })
  const labels = Int32Array.from(order, at => views.labels[at] + first)
  return { ...views, names: order.map(at => views.names[at]), labels, pixels }
}

describe('the validation split', () => {
  const split = splitValidation(views, 0.1)

  it('has every image on one side', () => {
    expect([...split.training, ...split.validation].sort((a, b) => a - b)).toEqual([...views.names.keys()])
  })

  it('holds whole near-duplicate clusters back, a tenth of a class or a little less', () => {
    const roots = nearDuplicateClusters([views])
    const learnt = new Set([...split.training].map(at => roots[at]))
    for (const [label, least] of [8, 10].entries()) {
      const held = heldOf(views, split, label)
      expect(held.length).toBeGreaterThanOrEqual(least)
      expect(held.length).toBeLessThanOrEqual(Math.round(0.1 * views.labels.filter(of => of === label).length))
      expect(held.filter(at => learnt.has(roots[at]))).toEqual([])
    }
  })

  it('takes single images of a class that is one cluster, and leaves the only image of a class in training', () => {
    expect(heldOf(views, split, 2)).toHaveLength(4)
    expect(heldOf(views, split, 3)).toHaveLength(0)
  })

  it('holds the same images back whatever their order and whatever set is joined to theirs', () => {
    const order = shuffled(seededRandom('rearranged'), [...views.names.keys()])
    const others = clusters([[3, 3, 3, ...new Array(20).fill(2)]], SIDE)
    const mine = rearranged(views, order, 1)
    const pixels = new Uint8Array(new SharedArrayBuffer(others.pixels.length + mine.pixels.length))
    pixels.set(others.pixels)
    pixels.set(mine.pixels, others.pixels.length)
    const joined: ViewSet = {
      ...views,
      classes: ['other', ...views.classes],
      names: [...others.names, ...mine.names],
      labels: Int32Array.from([...others.labels, ...mine.labels]),
      pixels
    }
    const again = splitValidation(joined, 0.1)
    for (const label of SIZES.keys()) {
      const held = heldOf(joined, again, label + 1)
      expect(looksOf(joined, held)).toEqual(looksOf(views, heldOf(views, split, label)))
    }
  })
})
