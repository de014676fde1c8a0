import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import type { Member, Role } from '../../base/roles.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { generateKeys } from '../../crypto/keys.ts'
import { qms2Cipher } from '../../crypto/qms2/cipher.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import { Owner } from '../../node/client/owner.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { Peer } from '../../node/peer.ts'
import { listRoster } from '../../node/peers/list-roster.ts'
import { type Identity, loadIdentity } from '../../node/peers/identity.ts'
import { openNetwork } from '../../protocols/transport/open-network.ts'
import { haveMet, waitUntil } from '../../sim/cluster/wait-until.ts'

/** The keys of the network here. */
export const keys = generateKeys(systemRandom)

/** A space of 64-bit codes: the code is the image's first eight bytes. */
export const hasher = {
  space: { model: '1a'.repeat(32), view: '2b'.repeat(32), bits: 64 },
  hash: async (images: readonly Uint8Array[]) => images.map(image => hashCode(image.slice(0, 8)))
}

const clock: Clock = systemClock
const LISTEN = { listen: ['/ip4/127.0.0.1/tcp/0'] }

/** Two masters and four slaves over TCP with their data below `folder`, and an owner who speaks for itself. */
export async function openRealNetwork(folder: string) {
  const names = ['master 0', 'master 1', 'slave 0', 'slave 1', 'slave 2', 'slave 3', 'owner']
  const identities = new Map<string, Identity>()
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true })
    identities.set(name, await loadIdentity(join(folder, name), systemRandom))
  }
  const of = (name: string): Identity => identities.get(name) as Identity // made just now
  const members: Member[] = names.map(name => {
    return { peer: of(name).peer, site: name as Site, roles: [name.split(' ')[0] as Role] }
  })
  const peers: Peer[] = []
  for (const name of names.slice(0, -1)) {
    const bootstrap = peers.slice(0, 1).flatMap(peer => peer.addresses())
    peers.push(await openPeer({ dataFolder: join(folder, name), members, keys, ...LISTEN, bootstrap }))
  }
  const roster = listRoster(members)
  const { seed } = of('owner')
  const bootstrap = peers[0].addresses()
  const open = await openNetwork({ seed, roster, listen: [], bootstrap, dht: 'client', clock, random: systemRandom })
  const signer = createSigner(seed)
  const ports = { ...open, roster, clock, random: systemRandom, signer, keys, hasher, cipher: qms2Cipher }
  const masters = peers.slice(0, 2).map(({ master }) => master)
  await waitUntil(() => haveMet(masters, 4), { clock, limitMs: 60_000, late: 'masters and slaves did not meet' })
  const stop = async (): Promise<void> => {
    await open.stop()
    await Promise.all(peers.map(peer => peer.stop()))
  }
  return { members, peers, owner: new Owner(ports), network: open.network, signer, stop }
}
