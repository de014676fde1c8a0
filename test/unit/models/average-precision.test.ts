import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  averagePrecision,
  drawOrder,
  type DistanceGroups,
  foundNormalisedPrecision,
  precisionAt
} from '../../../models/evaluate/average-precision.ts'
import { bootstrap } from '../../../models/evaluate/bootstrap.ts'
import { measureRetrieval } from '../../../models/evaluate/measure-retrieval.ts'

function groups(pairs: [size: number, relevant: number][]): DistanceGroups {
  return { sizes: Uint32Array.from(pairs, ([size]) => size), relevant: Uint32Array.from(pairs, ([, hits]) => hits) }
}

/** AP@k of one order: sum of precision at hits among the first k, divided by min(R, k). */
function plainPrecision(order: readonly number[], k: number): number {
  let found = 0
  let sum = 0
  order.slice(0, k).forEach((hit, at) => {
    if (hit === 1) sum += ++found / (at + 1)
  })
  const all = order.reduce((total, hit) => total + hit, 0)
  return all === 0 ? 0 : sum / Math.min(all, k)
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map(rest => [item, ...rest])
  )
}

/** Every order of a ranking whose groups may each be permuted. */
function allOrders(tied: readonly (readonly number[])[]): number[][] {
  return tied.reduce<number[][]>(
    (orders, group) => orders.flatMap(order => permutations(group).map(rest => [...order, ...rest])),
    [[]]
  )
}

describe('tie-aware average precision', () => {
  it('is 1 when all relevant images come first', () => {
    expect(
      averagePrecision(
        groups([
          [3, 3],
          [5, 0]
        ]),
        100
      )
    ).toBe(1)
    expect(
      averagePrecision(
        groups([
          [3, 3],
          [5, 0]
        ]),
        2
      )
    ).toBe(1)
  })

  it('is 0 when nothing is relevant', () => {
    expect(averagePrecision(groups([[3, 0]]), 10)).toBe(0)
  })

  it('of one tie group of n with r relevant is its closed form', () => {
    const [n, r] = [10, 4]
    let expected = 0
    for (let j = 1; j <= n; j++) expected += ((r / n) * (1 + ((j - 1) * (r - 1)) / (n - 1))) / j / r
    expect(averagePrecision(groups([[n, r]]), n)).toBeCloseTo(expected, 12)
  })

  it('is the mean over all permutations within ties of a list of 7, at every k', () => {
    const grouping = fc.array(fc.array(fc.constantFrom(0, 1), { maxLength: 4 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        grouping.filter(tied => tied.flat().length <= 7),
        fc.integer({ min: 1, max: 8 }),
        (tied, k) => {
          const orders = allOrders(tied)
          const expected = orders.reduce((total, order) => total + plainPrecision(order, k), 0) / orders.length
          const pairs = tied.map(group => [group.length, group.filter(hit => hit === 1).length] as [number, number])
          expect(averagePrecision(groups(pairs), k)).toBeCloseTo(expected, 10)
        }
      ),
      { numRuns: 60 }
    )
  })

  it('precision at 4 of groups 2 (1 relevant) and 4 (2 relevant) is 0.5', () => {
    expect(
      precisionAt(
        groups([
          [2, 1],
          [4, 2]
        ]),
        4
      )
    ).toBe(0.5)
  })
})

describe('found-normalised precision', () => {
  it('gives 1 to a list with one hit at rank 1 and none after', () => {
    expect(foundNormalisedPrecision(Uint8Array.of(1, 0, 0, 0), 4)).toBe(1)
  })

  it('draws orders that keep the hits of every tie group', () => {
    const order = drawOrder(
      groups([
        [2, 1],
        [3, 3],
        [4, 0]
      ]),
      9,
      () => 0.6
    )
    expect(order.subarray(0, 2).reduce((a, b) => a + b)).toBe(1)
    expect([...order.subarray(2)]).toEqual([1, 1, 1, 0, 0, 0, 0])
  })
})

describe('retrieval', () => {
  const codes = { width: 1, bytes: Uint8Array.of(0, 0, 255, 255), labels: Int32Array.of(0, 0, 1, 1) }

  it('perfect codes give mAP 1 at every cut-off with interval 1 to 1, also leave-one-out', () => {
    const measured = measureRetrieval(codes, codes)
    expect(measured.map).toEqual({ 100: 1, 200: 1, 500: 1, 1000: 1, all: 1 })
    expect([measured.low, measured.high, measured.macroMap]).toEqual([1, 1, 1])
    expect(measureRetrieval(codes, codes, { leaveOneOut: true }).map.all).toBe(1)
  })

  it('leave-one-out: a query at distance 0 from itself does not find itself', () => {
    // from each image the one of the other class is nearest, and the other of its own class comes last
    const mixed = { width: 1, bytes: Uint8Array.of(0b0000, 0b0001, 0b1111, 0b1110), labels: Int32Array.of(0, 1, 0, 1) }
    const twoOfThree = 1 / 2 // rank 2 and 3 alike
    expect(measureRetrieval(mixed, mixed, { leaveOneOut: true }).map.all).toBeLessThan(twoOfThree)
    expect(measureRetrieval(mixed, mixed).map.all).toBeGreaterThan(twoOfThree)
  })

  it('a bootstrap interval holds the mean and is the same every time', () => {
    const values = Float64Array.from({ length: 200 }, (_, i) => i % 2)
    const first = bootstrap(values)
    expect(first.low).toBeLessThan(0.5)
    expect(first.high).toBeGreaterThan(0.5)
    expect(bootstrap(values)).toEqual(first)
  })
})
