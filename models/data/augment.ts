import type { Random } from '../../base/random.ts'
import { bilinear } from './bilinear.ts'
import { type Reframing, reframe } from './reframe.ts'

/** How far an image may be varied in training. All ranges are symmetric and drawn evenly. */
export interface Augmentation {
  /** Largest rotation in degrees. */
  readonly degrees: number
  /** Largest change of size, as a share. */
  readonly zoom: number
  /** Largest shift, as a share of the side. */
  readonly shift: number
  /** Largest change of contrast, as a share. */
  readonly gain: number
  /** Whether half of the images are mirrored left to right. */
  readonly mirror: boolean
  /** Beside all that: how often framing and tones are changed; left out: never. */
  readonly reframing?: Reframing
}

/** What suits slices of heads and bodies: none of it changes what a class shows. */
export const AUGMENTATION_DEFAULTS: Augmentation = Object.freeze({
  degrees: 10,
  zoom: 0.1,
  shift: 0.06,
  gain: 0.2,
  mirror: true
})

/** Amounts of variation that `--augment` names. */
export const AUGMENTATIONS: Readonly<Record<string, Augmentation>> = Object.freeze({
  none: { degrees: 0, zoom: 0, shift: 0, gain: 0, mirror: false },
  light: { degrees: 3, zoom: 0.03, shift: 0.02, gain: 0.1, mirror: false },
  full: AUGMENTATION_DEFAULTS,
  // more than half of the images as they are, so that the plain look is learnt best
  framing: { ...AUGMENTATION_DEFAULTS, reframing: { crop: 0.3, equalise: 0.2 } }
})

/** Evenly drawn numbers from -1 to 1, in bulk (16 bits each). */
export function evenDraws(random: Random, count: number): Float32Array {
  const words = new Uint16Array(count)
  random.fill(new Uint8Array(words.buffer))
  return Float32Array.from(words, word => word / 32767.5 - 1)
}

/**
 * Write a varied copy of `view` (side x side, 0 to 255) to `to` in 0..1: turned, sized and shifted about its middle by
 * bilinear sampling (the edge repeats), perhaps mirrored, with another contrast; before that perhaps reframed.
 */
export function augment(
  view: Uint8Array,
  to: Float32Array,
  { side, by, random }: { side: number; by: Augmentation; random: Random }
): void {
  const seen = by.reframing === undefined ? view : reframe(view, { side, by: by.reframing, random })
  const [turn, zoom, right, down, gain, mirror] = evenDraws(random, 6)
  const angle = (turn * by.degrees * Math.PI) / 180
  const size = 1 / (1 + zoom * by.zoom)
  const cos = Math.cos(angle) * size
  const sin = Math.sin(angle) * size
  const flip = by.mirror && mirror > 0 ? -1 : 1
  const middle = (side - 1) / 2
  const factor = (1 + gain * by.gain) / 255
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      const u = (x - middle) * flip
      const v = y - middle
      const column = clamp(cos * u - sin * v + middle + right * by.shift * side, side - 1)
      const row = clamp(sin * u + cos * v + middle + down * by.shift * side, side - 1)
      to[at] = Math.min(1, factor * bilinear(seen, side, { column, row }))
    }
  }
}

function clamp(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value
}
