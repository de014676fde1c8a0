import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { type Site, site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import type { Member, Role } from '../../base/roles.ts'
import { generateKeys, type KeyRing, keysFor } from '../../crypto/keys.ts'
import type { ImageHasher } from '../../node/client/client-ports.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { PeerAs } from '../../node/peer.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { planServers } from '../cluster/plan-servers.ts'
import { waitUntil } from '../cluster/wait-until.ts'
import { type PeerProcess, spawnPeer } from './spawn-peer.ts'

/** What a process cluster is made of. */
export interface ProcessClusterInit {
  readonly masters: number
  /** Each stands at a site of its own. */
  readonly slaves: number
  /** The program, with its arguments, that serves as this peer; see {@link spawnPeer} for what it must do. */
  readonly program: (start: ServerStart) => readonly string[]
  /** The owner's and the user's hash model; the default one when left out. */
  readonly model?: ImageHasher
}

/** What a server's process is to be told. */
export interface ServerStart {
  /** Exists, and is nobody else's. */
  readonly dataFolder: string
  readonly member: Member
  /** Every peer of the cluster. */
  readonly members: readonly Member[]
  /** Those that its role needs; undefined for a slave. */
  readonly keys: KeyRing | undefined
  readonly listen: readonly string[]
  readonly bootstrap: readonly string[]
}

/** A master or slave; its folder and its port outlive its process. */
export interface Server {
  /** As people call it: `slave 3`. */
  readonly name: string
  readonly dataFolder: string
  readonly member: Member
  /** Where it listens, with its id; none before its first run. */
  addresses: readonly string[]
  process: PeerProcess | undefined
}

const READY_MS = 120_000 // a busy machine with two cores starts eight processes

/** A real network on this machine: each master and slave its own process over TCP, an owner and a user in this one. */
export class ProcessCluster {
  readonly servers: Server[] = []
  readonly #init: ProcessClusterInit
  readonly #folder = mkdtempSync(join(tmpdir(), 'sfmedir-'))
  readonly #keys = generateKeys(systemRandom)
  #members: readonly Member[] = []
  #client: PeerAs<'owner' | 'user'> | undefined

  constructor(init: ProcessClusterInit) {
    this.#init = init
  }

  /** Owner and user. @throws NetError `NOT_STARTED` */
  get client(): PeerAs<'owner' | 'user'> {
    if (this.#client === undefined) throw new NetError('NOT_STARTED', 'the cluster is not started')
    return this.#client
  }

  /** Start every peer, the first master before the others, and wait until a master sees all of them. */
  async start(): Promise<void> {
    const { masters, slaves, model } = this.#init
    for (const { name, kind, site } of planServers({ masters, slaves, sites: slaves })) {
      const { dataFolder, member } = await this.#enrol(name, [kind], site)
      this.servers.push({ name, dataFolder, member, addresses: [], process: undefined })
    }
    const client = await this.#enrol('client', ['owner', 'user'], site('clinic'))
    this.#members = [...this.servers, client].map(({ member }) => member)
    const [first, ...others] = this.servers
    await this.run(first)
    await Promise.all(others.map(server => this.run(server)))
    const { dataFolder } = client
    const keys = keysFor(this.#keys, 'owner', 'user')
    this.#client = await openPeer({ dataFolder, members: this.#members, keys, bootstrap: first.addresses, model })
    await this.whenAlive()
  }

  /** Run a server's process; a second run takes the folder and the port of the first. */
  async run(server: Server): Promise<void> {
    const { dataFolder, member, addresses } = server
    const [first] = this.servers
    server.process = spawnPeer(
      this.#init.program({
        dataFolder,
        member,
        members: this.#members,
        keys: member.roles.includes('master') ? keysFor(this.#keys, 'master') : undefined,
        listen: addresses.length > 0 ? addresses.map(withoutId) : ['/ip4/127.0.0.1/tcp/0'],
        bootstrap: server === first ? [] : first.addresses
      })
    )
    server.addresses = await server.process.addresses
  }

  /** End a server's process as a power cut would. */
  async kill(server: Server): Promise<void> {
    await server.process?.kill()
    server.process = undefined
  }

  /** The servers of a role whose processes run. */
  running(role: Role): Server[] {
    return this.servers.filter(({ member, process }) => process !== undefined && member.roles.includes(role))
  }

  /** Wait until a master sees all of them alive. @throws NetError `REQUEST_TIMEOUT` */
  whenAlive(): Promise<void> {
    const { masters, slaves } = this.#init
    const alive = (list: readonly { readonly alive: boolean }[]): number => list.filter(peer => peer.alive).length
    const seen = async (): Promise<boolean> => {
      const status = await this.client.user.status()
      return alive(status.masters) === masters && alive(status.slaves) === slaves
    }
    return waitUntil(seen, { clock: systemClock, limitMs: READY_MS, late: 'the peers have not found each other' })
  }

  /** End everything and leave nothing behind. */
  async stop(): Promise<void> {
    await this.#client?.stop()
    await Promise.all(this.servers.map(server => this.kill(server)))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #enrol(name: string, roles: readonly Role[], site: Site): Promise<{ dataFolder: string; member: Member }> {
    const dataFolder = join(this.#folder, name)
    const { peer } = await loadIdentity(dataFolder, systemRandom)
    return { dataFolder, member: { peer, site, roles } }
  }
}

/** A multiaddr without the peer id at its end. */
function withoutId(address: string): string {
  return address.replace(/\/p2p\/\w+$/, '')
}
