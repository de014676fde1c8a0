import type { PeerId } from '../base/ids.ts'
import { ROLES, type Role } from '../base/roles.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { listOf, peer, role, text } from '../codec/shapes.ts'

/** Which role is looked for. */
export interface FindPeersRequest {
  readonly role: Role
}

/** A peer and where it listens. */
export interface LocatedPeer {
  readonly peer: PeerId
  /** Multiaddrs. */
  readonly addresses: readonly string[]
}

/** Peers of that role that the answering peer is connected to, or is. */
export interface FindPeersAnswer {
  readonly peers: readonly LocatedPeer[]
}

const MAX_PEERS = 256
const MAX_ADDRESSES = 8
const MAX_ADDRESS = 256
const located = fields({ peer, addresses: listOf(text(1, MAX_ADDRESS), MAX_ADDRESSES) })

/** Any -> any: whom of this role do you know? Answers at once where the DHT's tables are still filling. */
export const findPeers: Protocol<FindPeersRequest, FindPeersAnswer> = Object.freeze({
  id: '/sfmedir/find-peers/1.0.0',
  callers: ROLES,
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_PEERS * (MAX_ADDRESSES * (MAX_ADDRESS + 8) + 128) + ENVELOPE_BYTES,
  timeoutMs: 3_000,
  ratePerSecond: 20,
  stream: 'shared' as const,
  request: codec(fields({ role })),
  answer: codec(fields({ peers: listOf(located, MAX_PEERS) }))
})

/** Keep an answer within what {@link findPeers} carries. */
export function boundLocated(peers: readonly LocatedPeer[]): LocatedPeer[] {
  return peers.slice(0, MAX_PEERS).map(({ peer, addresses }) => ({
    peer,
    addresses: addresses.filter(address => address.length <= MAX_ADDRESS).slice(0, MAX_ADDRESSES)
  }))
}
