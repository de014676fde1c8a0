import { openPeer } from './open-peer.ts'
import type { PeerAs } from './peer.ts'
import type { PeerConfig } from './peer-config.ts'

/** Open a peer as an owner alone, whatever `roles` says. @throws NetError as `openPeer` */
export function openOwner(config: PeerConfig): Promise<PeerAs<'owner'>> {
  return openPeer({ ...config, roles: ['owner'] })
}

/** Open a peer as a user alone, whatever `roles` says. @throws NetError as `openPeer` */
export function openUser(config: PeerConfig): Promise<PeerAs<'user'>> {
  return openPeer({ ...config, roles: ['user'] })
}

/** Open a peer as a master alone, whatever `roles` says. @throws NetError as `openPeer` */
export function openMaster(config: PeerConfig): Promise<PeerAs<'master'>> {
  return openPeer({ ...config, roles: ['master'] })
}

/** Open a peer as a slave alone, whatever `roles` says. @throws NetError as `openPeer` */
export function openSlave(config: PeerConfig): Promise<PeerAs<'slave'>> {
  return openPeer({ ...config, roles: ['slave'] })
}
