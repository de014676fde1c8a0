import { type Clock, systemClock } from '../../../base/clock.ts'
import { type PeerId, site } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import type { Member, Role, Roster } from '../../../base/roles.ts'
import { createLibp2p, type Libp2pNode, idOf } from '../../../protocols/transport/create-libp2p.ts'
import { type OpenNetwork, type OpenNetworkInit, openNetwork } from '../../../protocols/transport/open-network.ts'

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

/** A roster that a test changes as it goes. */
export class OpenRoster implements Roster {
  readonly #members = new Map<PeerId, Member>()

  member(peer: PeerId): Member | undefined {
    return this.#members.get(peer)
  }

  withRole(role: Role): PeerId[] {
    return [...this.#members.values()].filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer)
  }

  admit(peer: PeerId, roles: readonly Role[]): void {
    this.#members.set(peer, { peer, roles, site: site('loopback') })
  }

  revoke(peer: PeerId): void {
    this.#members.delete(peer)
  }
}

/** 32 bytes for a label. */
export function seedOf(label: string): Uint8Array {
  return seededRandom(label).fill(new Uint8Array(32))
}

/** The name that a seed gives: found by starting a node that listens nowhere. */
export async function nameOfSeed(seed: Uint8Array): Promise<PeerId> {
  const node = await createLibp2p({ seed, roster: new OpenRoster(), listen: [], dht: 'client' })
  const name = idOf(node.peerId)
  await node.stop()
  return name
}

/** An admitted peer on loopback. */
export async function openPeer(
  roster: OpenRoster,
  label: string,
  { roles, ...init }: { roles: readonly Role[] } & Partial<OpenNetworkInit>
): Promise<OpenNetwork> {
  const seed = seedOf(label)
  roster.admit(await nameOfSeed(seed), roles)
  const clock: Clock = init.clock ?? systemClock
  const dht = roles.includes('master') || roles.includes('slave') ? 'server' : 'client'
  return await openNetwork({
    seed,
    roster,
    listen: LOOPBACK,
    bootstrap: [],
    dht,
    clock,
    random: seededRandom(label),
    ...init
  })
}

/** A bare libp2p node that speaks whatever a test makes it speak, and admits whom it likes. */
export async function openHostile(label: string, roster: Roster): Promise<Libp2pNode> {
  return await createLibp2p({ seed: seedOf(label), roster, listen: LOOPBACK, dht: 'client' })
}

/** Wait until `holds`, looking every few ms; fails after `limitMs`. */
export async function until(holds: () => boolean, what: string, limitMs = 10_000): Promise<void> {
  const start = Date.now()
  while (!holds()) {
    if (Date.now() - start > limitMs) throw new Error(`still waiting: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
