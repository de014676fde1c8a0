// A slave in a process of its own, to be stopped, killed and timed from outside. It takes the bootstrap address as its
// argument, and says its addresses once it is there.
import { liveness } from '../../../protocols/liveness.ts'
import { putShadow } from '../../../protocols/put-shadow.ts'
import { site } from '../../../base/ids.ts'
import { ROLES, type Roster } from '../../../base/roles.ts'
import { openPeer, OpenRoster } from './peers.ts'

const everybody: Roster = {
  member: peer => {
    process.send?.('looked up') // at every request, when its first byte has come
    return { peer, site: site('loopback'), roles: ROLES }
  },
  withRole: () => []
}
const peer = await openPeer(new OpenRoster(), 'process', { roles: ['slave'], roster: everybody })
peer.network.handle(putShadow, async () => ({ receipt: new Uint8Array(64) }))
peer.network.handle(liveness, async () => ({
  roles: ['slave' as const],
  site: site('loopback'),
  shadows: 0,
  usedBytes: 0,
  freeBytes: 1,
  trashed: 0,
  trashBytes: 0,
  refusedDrops: 0,
  leaving: false,
  load: 0,
  images: 0
}))
process.send?.({ self: peer.network.self, addresses: peer.addresses() })
