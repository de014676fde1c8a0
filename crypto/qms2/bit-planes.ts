import { fmix32, mulhi } from './fixed-point.ts'
import { type HenonState, henonSamples } from './henon.ts'
import { BURN_IN_STEPS } from './seeds.ts'

/** Where each of the eight bit planes of an image goes. */
export interface PlanePlan {
  /** Bit k of the image becomes bit `target[k]`. */
  readonly target: readonly number[]
  /** Plane k is read from this many bytes further on, around the end. */
  readonly offset: readonly number[]
}

/** The plan for an image of `length` bytes: the order of 8 Hénon samples, and 8 more as offsets. */
export function planePlan(henon: HenonState, length: number): PlanePlan {
  const samples = henonSamples(henon, BURN_IN_STEPS, 16)
  const order = [0, 1, 2, 3, 4, 5, 6, 7].sort((a, b) => samples[a] - samples[b] || a - b)
  const target = order.map((_, plane) => order.indexOf(plane))
  return { target, offset: samples.slice(8).map(sample => mulhi(fmix32(sample), length)) }
}

/** Bit-plane scrambling: A[i].bit[target(k)] = P[(i + offset(k)) mod N].bit[k]. */
export function scramblePlanes(image: Uint8Array, { target, offset }: PlanePlan): Uint8Array {
  const scrambled = new Uint8Array(image.length)
  for (let i = 0; i < image.length; i++) {
    for (let k = 0; k < 8; k++) {
      scrambled[i] |= ((image[(i + offset[k]) % image.length] >> k) & 1) << target[k]
    }
  }
  return scrambled
}

/** Undoes {@link scramblePlanes}. */
export function unscramblePlanes(scrambled: Uint8Array, { target, offset }: PlanePlan): Uint8Array {
  const image = new Uint8Array(scrambled.length)
  for (let i = 0; i < image.length; i++) {
    for (let k = 0; k < 8; k++) {
      image[(i + offset[k]) % image.length] |= ((scrambled[i] >> target[k]) & 1) << k
    }
  }
  return image
}
