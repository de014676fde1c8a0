import { fromString } from 'uint8arrays/from-string'
import { sha256 } from '../../base/bytes.ts'
import { type PeerId, peerId } from '../../base/ids.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A peer id for a virtual peer: looks like libp2p's, and is the same for the same label in every run. */
export function virtualPeerId(label: string): PeerId {
  const digest = sha256(fromString(`sfmedir/virtual-peer/${label}`))
  const tail = [...digest, ...digest.subarray(0, 12)].map(byte => BASE58[byte % BASE58.length])
  return peerId(`12D3KooW${tail.join('')}`)
}
