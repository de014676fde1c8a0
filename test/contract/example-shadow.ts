import type { ShadowKey, ShadowNumber, SharingId } from '../../base/ids.ts'
import { randomBytes, seededRandom } from '../../base/random.ts'
import { exampleImage } from './example-record.ts'

/** A key of a small world: image, sharing and number by their numbers. */
export function exampleKey(image: number, sharing = 1, number = 1): ShadowKey {
  return {
    image: exampleImage(image),
    sharing: sharing.toString(16).padStart(16, '0') as SharingId,
    number: number as ShadowNumber
  }
}

/** Bytes that depend on `seed` only. */
export function exampleShadow(seed: string | number, length = 100): Uint8Array {
  return randomBytes(seededRandom(seed), length)
}
