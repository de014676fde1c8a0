import { type Random, randomUnit } from '../../base/random.ts'
import { type Augmentation, augment, evenDraws } from './augment.ts'
import { shifted } from './shifted.ts'

/** How an image may be shown again and is still the same: little, as what it is told from are its neighbouring slices. */
const AS_THE_SAME: Augmentation = { degrees: 3, zoom: 0.03, shift: 0.07, gain: 0.15, mirror: false }
const SHIFTED_SHARE = 0.6 // are moved by whole pixels instead, black beyond the edge
const LARGEST_SHIFT = 4
const NOISY_SHARE = 0.5
const LARGEST_NOISE = 8 / 255

/** Write a view (side x side, 0 to 255) as it may be shown again to `to` in 0..1: moved or turned, perhaps noisy. */
export function showAgain(
  view: Uint8Array,
  to: Float32Array,
  { side, random }: { side: number; random: Random }
): void {
  if (randomUnit(random) < SHIFTED_SHARE) {
    const [right, down] = evenDraws(random, 2).map(draw => Math.round(draw * LARGEST_SHIFT))
    const moved = shifted(view, side, { right, down })
    for (let i = 0; i < to.length; i++) to[i] = moved[i] / 255
  } else augment(view, to, { side, by: AS_THE_SAME, random })
  if (randomUnit(random) >= NOISY_SHARE) return
  const size = LARGEST_NOISE * randomUnit(random)
  const noise = evenDraws(random, to.length)
  for (let i = 0; i < to.length; i++) to[i] = Math.min(1, Math.max(0, to[i] + Math.sign(noise[i]) * size))
}
