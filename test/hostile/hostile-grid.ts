import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PeerId, site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import { ROLES, type Member, type Role, type Roster } from '../../base/roles.ts'
import { generateKeys, keysFor } from '../../crypto/keys.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { Peer } from '../../node/peer.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { createLibp2p, type Libp2pNode } from '../../protocols/transport/create-libp2p.ts'
import { firstBytesHasher } from '../../sim/cluster/cluster.ts'
import { nameOfSeed, seedOf } from '../network/protocols/peers.ts'
import { startVictim, type Victim } from './victim.ts'

const LISTEN = ['/ip4/127.0.0.1/tcp/0']

// What hostile peers believe.
const everybody: Roster = { member: peer => ({ peer, site: site('x'), roles: ROLES }), withRole: () => [] }

/** A master in a process of its own, to be attacked; three slaves, an owner and user and whoever is hostile in this one. */
export class HostileGrid {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sfmedir-hostile-'))
  readonly #keys = generateKeys(systemRandom)
  readonly #members: Member[] = []
  readonly #closing: (() => unknown)[] = []
  #victim: Victim | undefined
  #client: Peer | undefined

  /** The master. */
  get victim(): Victim {
    if (this.#victim === undefined) throw new Error('the grid is not started')
    return this.#victim
  }

  /** An owner and user that is honest. */
  get client(): Peer {
    if (this.#client === undefined) throw new Error('the grid is not started')
    return this.#client
  }

  /** The victim's address, with its id. */
  get address(): string {
    return this.victim.addresses[0]
  }

  /** Start; `victim` are the roles of the master, `hostile` peers are members from the beginning, with these roles, by their labels. */
  async start({
    victim = ['master'],
    slaves = 3,
    hostile = {}
  }: {
    victim?: readonly Role[]
    slaves?: number
    hostile?: Record<string, readonly Role[]>
  } = {}): Promise<void> {
    const enrolled = await this.#enrol('master', victim)
    const kept = []
    for (let i = 0; i < slaves; i++) kept.push(await this.#enrol(`slave-${i}`, ['slave']))
    const client = await this.#enrol('client', ['owner', 'user'])
    for (const [label, roles] of Object.entries(hostile)) {
      this.#members.push({ peer: await nameOfSeed(seedOf(label)), site: site(label), roles })
    }
    const members = this.#members
    this.#victim = await startVictim({
      dataFolder: enrolled,
      members,
      keys: keysFor(this.#keys, 'master'),
      listen: LISTEN
    })
    this.#closing.push(() => this.victim.kill())
    const bootstrap = this.victim.addresses
    for (const dataFolder of kept) {
      const slave = await openPeer({ dataFolder, members, listen: LISTEN, bootstrap })
      this.#closing.push(() => slave.stop())
    }
    const keys = keysFor(this.#keys, 'owner', 'user')
    this.#client = await openPeer({ dataFolder: client, members, keys, bootstrap, model: firstBytesHasher })
    this.#closing.push(() => this.client.stop())
  }

  /** A bare libp2p node of a label: a member if `start` was told so, else a stranger. */
  async node(label: string): Promise<Libp2pNode> {
    const node = await createLibp2p({ seed: seedOf(label), roster: everybody, listen: [], dht: 'client' })
    this.#closing.push(() => node.stop())
    return node
  }

  /** End everything and leave nothing behind. */
  async stop(): Promise<void> {
    for (const close of this.#closing.reverse()) await close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #enrol(name: string, roles: readonly Role[]): Promise<string> {
    const dataFolder = join(this.#folder, name)
    const { peer }: { peer: PeerId } = await loadIdentity(dataFolder, systemRandom)
    this.#members.push({ peer, site: site(name), roles })
    return dataFolder
  }
}
