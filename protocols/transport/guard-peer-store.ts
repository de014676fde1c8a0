import type { PeerId as Libp2pPeerId, PeerStore } from '@libp2p/interface'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'

/** Most addresses kept of one peer: those it signed, then the latest heard of. */
export const MOST_ADDRESSES = 8

/** Keep a node's peer store to itself and members, a few addresses each, whatever peers tell of themselves and of others. */
export function guardPeerStore(store: PeerStore, { self, roster }: { self: Libp2pPeerId; roster: Roster }): void {
  const { merge, patch } = store
  store.merge = async (peer, data, options) => {
    if (!peer.equals(self) && roster.member(peer.toString() as PeerId) === undefined) {
      throw new NetError('NOT_PERMITTED', 'this network does not admit the peer') // an id by type
    }
    const merged = await merge.call(store, peer, data, options)
    if (merged.addresses.length <= MOST_ADDRESSES) return merged
    const fresh = new Set(data.multiaddrs?.map(String))
    const rank = ({ isCertified, multiaddr }: (typeof merged.addresses)[number]): number =>
      isCertified ? 0 : fresh.has(String(multiaddr)) ? 1 : 2
    const addresses = merged.addresses.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_ADDRESSES)
    return await patch.call(store, peer, { addresses }, options)
  }
}
