import type { ImageId } from '../base/ids.ts'
import type { Neighbour } from './record-store.ts'

/** An image and its masked code. */
export interface CodedImage {
  readonly id: ImageId
  readonly code: Uint8Array
}

/**
 * The k images nearest to `code`, by distance and then by image id (SimImgSearch). Plain: counts differing bits one by
 * one and sorts everything. The fast ways are tested against it and timed against it.
 */
export function rankCodes(images: Iterable<CodedImage>, code: Uint8Array, k: number): Neighbour[] {
  const all: Neighbour[] = []
  for (const each of images) all.push({ id: each.id, distance: differingBits(each.code, code) })
  all.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
  return all.slice(0, k)
}

function differingBits(a: Uint8Array, b: Uint8Array): number {
  let distance = 0
  for (let i = 0; i < a.length; i++) for (let x = a[i] ^ b[i]; x !== 0; x &= x - 1) distance++
  return distance
}
