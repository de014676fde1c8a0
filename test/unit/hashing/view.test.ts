import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import type { DecodedImage } from '../../../hashing/decoded-image.ts'
import { makeView, viewDigest } from '../../../hashing/make-view.ts'

const SPEC = { version: 1, side: 64 } as const

function grey8(width: number, height: number, at: (x: number, y: number) => number): DecodedImage {
  const samples = new Uint8Array(width * height).map((_, i) => at(i % width, Math.floor(i / width)))
  return { format: 'png', width, height, samples, bitDepth: 8, black: 0, white: 255 }
}

describe('view', () => {
  test('a constant 8-bit image of any size keeps its value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 16, max: 96 }),
        (width, height, value, side) => {
          const view = makeView(
            grey8(width, height, () => value),
            { version: 1, side }
          )
          expect(view.pixels.length).toBe(side * side)
          expect(view.pixels.every(pixel => pixel === value)).toBe(true)
        }
      ),
      { numRuns: 60 }
    )
  })

  test('an 8-bit image of the view size is its own view', () => {
    const image = grey8(64, 64, (x, y) => (x * 7 + y * 31) & 255)
    expect(makeView(image, SPEC).pixels).toEqual(image.samples)
  })

  test('equals the plain area average, pixel by pixel', () => {
    const [width, height, side] = [37, 101, 16]
    const image = grey8(width, height, (x, y) => (x * x * 13 + y * 29) & 255)
    const { pixels } = makeView(image, { version: 1, side })
    const overlap = (a: number, b: number, c: number, d: number) => Math.max(0, Math.min(b, d) - Math.max(a, c))
    for (let i = 0; i < pixels.length; i++) {
      const [u, v] = [i % side, Math.floor(i / side)]
      let sum = 0
      for (let y = 0; y < height; y++) {
        const tall = overlap(y * side, (y + 1) * side, v * height, (v + 1) * height)
        for (let x = 0; x < width; x++) {
          sum += tall * overlap(x * side, (x + 1) * side, u * width, (u + 1) * width) * image.samples[y * width + x]
        }
      }
      expect(pixels[i]).toBe(Math.round(sum / (width * height)))
    }
  })

  test('a horizontal gradient stays monotone and symmetric', () => {
    const { pixels } = makeView(
      grey8(256, 10, x => x),
      SPEC
    )
    for (let u = 1; u < 64; u++) expect(pixels[u]).toBe(pixels[u - 1] + 4)
    expect(pixels[0] + pixels[63]).toBe(256) // 1.5 and 253.5 both round up
  })

  test('a single white pixel fills the view', () => {
    expect(
      new Set(
        makeView(
          grey8(1, 1, () => 255),
          SPEC
        ).pixels
      )
    ).toEqual(new Set([255]))
  })

  test('deep samples run from black to white, are cut outside, and may be inverted', () => {
    const samples = Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 64) - 10)
    const image: DecodedImage = { format: 'dicom', width: 64, height: 64, samples, bitDepth: 12, black: 0, white: 40 }
    const { pixels } = makeView(image, SPEC)
    expect([...pixels.subarray(8, 13)]).toEqual([0, 0, 0, 6, 13])
    expect([...pixels.subarray(49, 53)]).toEqual([249, 255, 255, 255])
    const inverted = makeView({ ...image, black: 40, white: 0 }, SPEC)
    expect(inverted.pixels.every((pixel, i) => Math.abs(pixel + pixels[i] - 255) <= 1)).toBe(true)
  })

  test('a deep image of one value is black', () => {
    const samples = new Uint16Array(100).fill(4000)
    const view = makeView(
      { format: 'png', width: 10, height: 10, samples, bitDepth: 16, black: 4000, white: 4000 },
      SPEC
    )
    expect(view.pixels.every(pixel => pixel === 0)).toBe(true)
  })

  // The digests come from an independent program with unbounded integers.
  test('the view of a synthetic image has its recorded digest on every machine', () => {
    const deep = Uint16Array.from({ length: 333 * 207 }, (_, i) => (i * 40503 + (i >> 5) * 977) & 0xffff)
    const image: DecodedImage = {
      format: 'png',
      width: 333,
      height: 207,
      samples: deep,
      bitDepth: 16,
      black: 700,
      white: 61000
    }
    expect(sha256Hex(makeView(image, SPEC).pixels)).toBe(
      '946f3e7de583c25d70129e470a2b30d0232f0e1176453bd6ca9ba03ce2c9aec3'
    )
    expect(
      sha256Hex(
        makeView(
          grey8(333, 207, (x, y) => (x * 3 + y * 5) & 255),
          SPEC
        ).pixels
      )
    ).toBe('23147b439146dbc22f260b9bc728900a5b0481763a4f0f938ee249041e62edf1')
  })

  test('the digest depends on the side and stays as recorded', () => {
    expect(viewDigest(SPEC)).toBe('6a42c8efcba29700ee9edb919e6db25aeccf8c41a3d7df3cb46003c73666e090')
    expect(viewDigest({ version: 1, side: 96 })).not.toBe(viewDigest(SPEC))
  })

  test('a side of 15, 257 or 20.5 is refused', () => {
    for (const side of [15, 257, 20.5]) {
      expect(() =>
        makeView(
          grey8(4, 4, () => 1),
          { version: 1, side }
        )
      ).toThrow(RangeError)
    }
  })
})
