import { expect, it } from 'vitest'
import { codebook, leastDistance, nearestCentre } from '../../../models/net/codebook.ts'

for (const { classes, distances } of [
  { classes: 2, distances: [8, 16, 32, 64] },
  { classes: 4, distances: [5, 10, 21, 42] }, // the Plotkin bound
  { classes: 12, distances: [4, 8, 16, 34] }
]) {
  it(`${classes} classes: centres of 8, 16, 32, 64 bits lie at least ${distances.join(', ')} apart`, () => {
    expect([8, 16, 32, 64].map(bits => leastDistance(codebook(classes, bits)))).toEqual(distances)
  })
}

it('every bit splits 12 classes in half', () => {
  const { classes, bits, signs } = codebook(12, 32)
  for (let k = 0; k < bits; k++) {
    let sum = 0
    for (let c = 0; c < classes; c++) sum += signs[c * bits + k]
    expect(sum).toBe(0)
  }
})

it('30 classes of 16 bits have centres that all differ, and each is nearest to itself', () => {
  const book = codebook(30, 16)
  expect(leastDistance(book)).toBeGreaterThan(0)
  for (let c = 0; c < 30; c++) expect(nearestCentre(book, book.signs.subarray(c * 16, c * 16 + 16))).toBe(c)
})

it('one class, or no bits, is a RangeError', () => {
  expect(() => codebook(1, 16)).toThrow(RangeError)
  expect(() => codebook(4, 0)).toThrow(RangeError)
})
