import type { PeerId, ShadowKey, ShadowNumber, SharingId } from '../../base/ids.ts'
import { randomBytes, seededRandom } from '../../base/random.ts'
import type { RecordPut, ShadowDrop, ShadowOrigin } from '../../storage/shadow-store.ts'
import { exampleImage } from './example-record.ts'

/** Where the shadows of these tests come from. */
export const ORIGIN: ShadowOrigin = Object.freeze({
  asked: 1_700_000_000_123,
  counter: 1,
  putAt: 1_700_000_000_500,
  master: '12D3KooWFgKzYuYmGmxQ5CUBaGcP5yQWmPzYnGmyzJ2oYQbWsoHx' as PeerId
})

/** A record for shadows of {@link ORIGIN}, brought by the master that put them. */
export const PUT_RECORD: RecordPut = Object.freeze({
  asked: ORIGIN.asked,
  counter: ORIGIN.counter,
  master: ORIGIN.master,
  by: '12D3KooWFgKzYuYmGmxQ5CUBaGcP5yQWmPzYnGmyzJ2oYQbWsoHx' as PeerId
})
/** Another master than that of {@link ORIGIN}. */
export const OTHER_MASTER = '12D3KooWBHvsSSKHeragACma3HUoQHFKpRATXF2nRZoYbJTVUi3y' as PeerId

/** A drop at a time. */
export function dropAt(time: number, reason: ShadowDrop['reason'] = 'deleted'): ShadowDrop {
  return { reason, time }
}

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
