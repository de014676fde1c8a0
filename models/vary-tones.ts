import type { Random } from '../base/random.ts'
import { evenDraws } from './even-draws.ts'

/** How far the tones of an image may be varied in training: as another scanner or sequence would show the same slice. */
export interface ToneVariation {
  /** Largest move of each inner and upper knot of the tone curve, as a share of white; black stays black. */
  readonly curve: number
  /** Largest share that each pixel moves towards (blur) or half as far away from (sharpening) the mean of its 3x3 neighbours. */
  readonly blur: number
  /** Largest deviation of added noise, as a share of white. */
  readonly noise: number
}

const KNOTS = 5 // 0, 1/4, 1/2, 3/4, 1: enough to swap which of two tissues is the brighter one
const NOISE_DRAWS = 2 // even draws summed a pixel: a triangle, near enough to normal for noise

/**
 * Vary the tones of an image (side x side, 0..1) in place: a random tone curve, blur or sharpening, and noise. The curve
 * need not rise everywhere: between T1 and T2 weighting, fluid and fat change places, and a class must be seen in both.
 */
export function varyTones(
  image: Float32Array,
  { side, by, random }: { side: number; by: ToneVariation; random: Random }
): void {
  const [strength, blur, noise, ...bends] = evenDraws(random, 3 + KNOTS)
  bendTones(image, knotsOf(bends, by.curve * Math.abs(strength)))
  soften(image, side, by.blur * (blur > 0 ? blur : blur / 2))
  if (noise > 0) addNoise(image, by.noise * noise, random)
}

function knotsOf(bends: readonly number[], most: number): number[] {
  return bends.map((bend, at) => (at === 0 ? 0 : clampUnit(at / (KNOTS - 1) + bend * most)))
}

function bendTones(image: Float32Array, knots: readonly number[]): void {
  const pieces = knots.length - 1
  for (let i = 0; i < image.length; i++) {
    const place = image[i] * pieces
    const piece = Math.min(pieces - 1, Math.floor(place))
    image[i] = knots[piece] + (place - piece) * (knots[piece + 1] - knots[piece])
  }
}

/** Move every pixel `share` of the way to the mean of its 3x3 neighbours (away from it if negative); edges repeat. */
function soften(image: Float32Array, side: number, share: number): void {
  const rows = new Float32Array(image.length)
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++)
      rows[at] = image[x > 0 ? at - 1 : at] + image[at] + image[x + 1 < side ? at + 1 : at]
  }
  for (let y = 0, at = 0; y < side; y++) {
    const above = y > 0 ? -side : 0
    const below = y + 1 < side ? side : 0
    for (let x = 0; x < side; x++, at++) {
      const mean = (rows[at + above] + rows[at] + rows[at + below]) / 9
      image[at] = clampUnit(image[at] + share * (mean - image[at]))
    }
  }
}

function addNoise(image: Float32Array, deviation: number, random: Random): void {
  const draws = evenDraws(random, NOISE_DRAWS * image.length)
  const factor = deviation * Math.sqrt(3 / NOISE_DRAWS) // an even draw from -1 to 1 has the variance 1/3
  for (let i = 0; i < image.length; i++) {
    image[i] = clampUnit(image[i] + factor * (draws[2 * i] + draws[2 * i + 1]))
  }
}

function clampUnit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
