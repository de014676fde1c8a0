import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'

/**
 * Masters in the order in which they may repair an image: rendezvous hashing, so that all masters that see the same ones alive
 * find the same order without a word, and when one goes only its images go to others.
 */
export function repairOrder(image: ImageId, masters: readonly PeerId[]): PeerId[] {
  const ranked = masters.map(master => ({ master, rank: sha256Hex(fromString(`sfmedir/repair/${image}/${master}`)) }))
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ master }) => master)
}
