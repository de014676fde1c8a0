import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import type { PeerId } from '../../base/ids.ts'

/**
 * Peers in the order that is drawn for a piece of work: rendezvous hashing (Thaler and Ravishankar, 1998), so that all who see the
 * same peers alive find the same order without a word, and when one goes only its work goes to others.
 * @param work names it, as `repair/<image id>`
 */
export function drawOrder(work: string, peers: readonly PeerId[]): PeerId[] {
  const ranked = peers.map(peer => ({ peer, rank: sha256Hex(fromString(`sfmedir/${work}/${peer}`)) }))
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ peer }) => peer)
}
