import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toString as toText } from 'uint8arrays/to-string'
import { type Clock, systemClock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { type PeerId, type Site, site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import { withDefaults } from '../../base/options.ts'
import type { Member, Role } from '../../base/roles.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { generateKeys } from '../../crypto/keys.ts'
import type { Signer } from '../../crypto/signer.ts'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { MemoryRecordStore } from '../../indexing/memory-record-store.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { Master } from '../../node/master/master.ts'
import { Owner } from '../../node/client/owner.ts'
import type { Slave } from '../../node/slave/slave.ts'
import { User } from '../../node/client/user.ts'
import { type OpenNetwork, openNetwork } from '../../protocols/transport/open-network.ts'
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { MemoryShadowStore } from '../../storage/memory-shadow-store.ts'
import { checkSpec, type Cluster, type ClusterSpec, cryptoNamed } from '../cluster/cluster.ts'
import { clientPorts, type Consortium, makeMaster, makeSlave } from '../cluster/consortium.ts'
import { planServers } from '../cluster/plan-servers.ts'
import { haveMet, waitUntil } from '../cluster/wait-until.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'
import { DelayedNetwork } from './delayed-network.ts'
import { REAL_DEFAULTS, type RealInit } from './real-init.ts'
import type { PeerProcess } from '../processes/spawn-peer.ts'
import { spawnSlave } from './spawn-slave.ts'
import { SwitchableStore } from './switchable-store.ts'

/** A real peer of a cluster: its identity and disk outlive its process-like life. */
interface RealPeer {
  readonly member: Member
  readonly kind: Role
  readonly seed: Uint8Array
  readonly signer: Signer
  readonly shadows?: SwitchableStore
  readonly records?: RecordStore
  /** Where it listens; its port stays the same over its lives. */
  listen: string[]
  /** With its id: what others bootstrap from. */
  addresses: string[]
  open: OpenNetwork | undefined
  process: PeerProcess | undefined
  role: Master | Slave | undefined
}

const STARTED_AT_ONCE = 4 // their handshakes share this process's core
const DHT_SERVERS = 8 // the DHT is for finding only; every server more costs this process a mesh of connections
const MEET_MS = 300_000 // dozens of handshakes on a busy machine; 20 s on a quiet one
const WORLD = { clock: systemClock, random: systemRandom }

/** Real libp2p peers over TCP on loopback, with noise, yamux and kad-dht. */
export class RealCluster implements Cluster {
  readonly engine = 'real'
  readonly clock: Clock = systemClock
  readonly spec: ClusterSpec
  readonly #init: Required<RealInit>
  readonly #peers = new Map<PeerId, RealPeer>()
  readonly #consortium: Consortium
  readonly #dhtServers = new Set<PeerId>()
  #folder: string | undefined
  #owner: Owner | undefined
  #user: User | undefined

  constructor(spec: ClusterSpec, init: RealInit = {}) {
    checkSpec(spec)
    this.spec = spec
    this.#init = withDefaults(REAL_DEFAULTS, init)
    this.#consortium = {
      roster: { member: peer => this.#peers.get(peer)?.member, withRole: role => this.#named(role) },
      keys: generateKeys(new SeededStream(`${spec.seed}/keys`)),
      hasher: spec.hasher,
      ...cryptoNamed(spec.crypto)
    }
  }

  get masters(): readonly PeerId[] {
    return this.#named('master')
  }

  get slaves(): readonly PeerId[] {
    return this.#named('slave')
  }

  get owner(): Owner {
    if (this.#owner === undefined) throw new NetError('NOT_STARTED', 'the cluster is not started')
    return this.#owner
  }

  get user(): User {
    if (this.#user === undefined) throw new NetError('NOT_STARTED', 'the cluster is not started')
    return this.#user
  }

  async start(): Promise<void> {
    const { stores, processes } = this.#init
    if (stores === 'disk' || processes === 'own') this.#folder = await mkdtemp(join(tmpdir(), 'sfmedir-sim-'))
    for (const server of planServers(this.spec)) this.#admit(server)
    const owner = this.#admit({ name: 'owner', kind: 'owner', site: site('owner site') })
    const user = this.#admit({ name: 'user', kind: 'user', site: site('user site') })
    for (const peer of [...this.masters, ...this.slaves].slice(0, DHT_SERVERS)) this.#dhtServers.add(peer)
    for (const peer of this.masters) await this.up(peer)
    const { slaves } = this.spec
    for (let at = 0; at < slaves; at += STARTED_AT_ONCE) {
      await Promise.all(this.slaves.slice(at, at + STARTED_AT_ONCE).map(peer => this.up(peer)))
      await this.#meet(Math.min(slaves, at + STARTED_AT_ONCE)) // too many handshakes at once time out and come again
    }
    await this.up(owner)
    await this.up(user)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#peers.keys()].map(peer => this.down(peer)))
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  drive<T>(work: Promise<T>): Promise<T> {
    return work
  }

  close(peer: PeerId): void {
    const { process } = this.#get(peer)
    if (process === undefined) this.#store(peer).on = false
    else process.freeze()
  }

  open(peer: PeerId): void {
    const { process } = this.#get(peer)
    if (process === undefined) this.#store(peer).on = true
    else process.thaw()
  }

  async down(name: PeerId): Promise<void> {
    const peer = this.#get(name)
    const { open, role, process } = peer
    peer.open = undefined
    peer.role = undefined
    peer.process = undefined
    await process?.kill()
    await open?.stop() // the wire first, as a killed process goes
    await role?.stop()
  }

  async up(name: PeerId): Promise<void> {
    const peer = this.#get(name)
    if (peer.open !== undefined || peer.process !== undefined) return
    const { seed, kind } = peer
    const serves = kind === 'master' || kind === 'slave'
    const start = {
      listen: serves ? peer.listen : [],
      bootstrap: this.masters.filter(master => master !== name).flatMap(master => this.#get(master).addresses),
      dht: serves && this.#dhtServers.has(name) ? ('server' as const) : ('client' as const),
      bootstrapMs: MEET_MS
    }
    if (kind === 'slave' && this.#init.processes === 'own') {
      const members = [...this.#peers.values()].map(({ member }) => member)
      const folder = join(this.#folder ?? '', name)
      const process = spawnSlave({ ...start, seed: toText(seed, 'hex'), members, folder })
      peer.addresses = await process.addresses
      peer.process = process
    } else {
      peer.open = await openNetwork({ ...start, seed, roster: this.#consortium.roster, ...WORLD })
      peer.addresses = peer.open.addresses()
    }
    if (serves) peer.listen = peer.addresses.map(address => address.replace(/\/p2p\/.*$/, ''))
    if (peer.open !== undefined) await this.#takeUpRole(peer, peer.open)
  }

  async #takeUpRole(peer: RealPeer, { network: line, directory }: OpenNetwork): Promise<void> {
    const { latencyMs } = this.#init
    const network = latencyMs === 0 ? line : new DelayedNetwork(line, systemClock, latencyMs)
    const { records, shadows, signer, kind } = peer
    const world = { ...WORLD, network, directory, signer }
    const init = { ...this.spec.master, threshold: this.spec.threshold }
    if (records !== undefined) peer.role = makeMaster(this.#consortium, { ...world, records }, init)
    else if (shadows !== undefined) peer.role = makeSlave(this.#consortium, { ...world, shadows })
    else if (kind === 'owner') this.#owner = new Owner(clientPorts(this.#consortium, world))
    else this.#user = new User(clientPorts(this.#consortium, world))
    await peer.role?.start()
  }

  #admit({ name: label, kind, site }: { readonly name: string; readonly kind: Role; readonly site: Site }): PeerId {
    const seed = new SeededStream(`${this.spec.seed}/${label}`).fill(new Uint8Array(32))
    const signer = createSigner(seed)
    const folder = (name: string): string => join(this.#folder ?? '', label.replace(' ', '-'), name)
    const disk = this.#init.stores === 'disk'
    const shadows = (): SwitchableStore =>
      new SwitchableStore(disk ? new DiskShadowStore(folder('shadows')) : new MemoryShadowStore())
    const records = (): RecordStore => (disk ? new LevelRecordStore(folder('records')) : new MemoryRecordStore())
    this.#peers.set(signer.self, {
      member: { peer: signer.self, site, roles: [kind] },
      kind,
      seed,
      signer,
      shadows: kind === 'slave' ? shadows() : undefined,
      records: kind === 'master' ? records() : undefined,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      addresses: [],
      open: undefined,
      process: undefined,
      role: undefined
    })
    return signer.self
  }

  /** Until every master knows every master and so many slaves. */
  async #meet(slaves: number): Promise<void> {
    const masters = [...this.#peers.values()].map(({ role }) => role).filter(role => role instanceof Master)
    const late = `the masters have not met ${slaves} slaves`
    await waitUntil(() => haveMet(masters, slaves), { clock: systemClock, limitMs: MEET_MS, late })
  }

  #named(kind: Role): PeerId[] {
    return [...this.#peers].filter(([, peer]) => peer.kind === kind).map(([name]) => name)
  }

  #get(name: PeerId): RealPeer {
    const peer = this.#peers.get(name)
    if (peer === undefined) throw new NetError('SCENARIO_INVALID', 'no such peer in this cluster')
    return peer
  }

  #store(name: PeerId): SwitchableStore {
    const { shadows } = this.#get(name)
    if (shadows === undefined) throw new NetError('SCENARIO_INVALID', 'only a slave of the real engine can be closed')
    return shadows
  }
}
