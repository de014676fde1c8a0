import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { generateKeys, type Keys } from '../../crypto/keys.ts'
import { Master } from '../../node/master/master.ts'
import type { MasterInit } from '../../node/master/master-init.ts'
import { Owner } from '../../node/client/owner.ts'
import type { Slave } from '../../node/slave/slave.ts'
import { User } from '../../node/client/user.ts'
import { checkSpec, type Cluster, type ClusterSpec, cryptoNamed } from '../cluster/cluster.ts'
import { clientPorts, type Consortium, makeMaster, makeSlave } from '../cluster/consortium.ts'
import { type PlannedServer, planServers } from '../cluster/plan-servers.ts'
import { haveMet, waitUntil } from '../cluster/wait-until.ts'
import type { Network } from '../../protocols/network.ts'
import type { LinkConditions } from './link.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'
import { VirtualClock } from './virtual-clock.ts'
import { VirtualDisk, type VirtualDiskInit } from './virtual-disk.ts'
import { VirtualRecordStore, type VirtualRecordStoreInit } from './virtual-record-store.ts'
import { VirtualShadowStore, type VirtualShadowStoreInit } from './virtual-shadow-store.ts'
import { type VirtualLife, VirtualWorld } from './virtual-world.ts'

/** What a virtual cluster may be told beside its {@link ClusterSpec}. */
export interface VirtualClusterInit {
  readonly link?: Partial<LinkConditions>
  readonly disk?: VirtualDiskInit
  readonly keepLog?: boolean
  /** Bugs planted to see them caught. */
  readonly planted?: Planted
  /** Largest difference of a peer's clock from the truth, in ms. */
  readonly skewMs?: number
}

/** Bugs that tests plant, to see that the invariants catch them. */
export interface Planted {
  readonly shadows?: VirtualShadowStoreInit
  readonly records?: VirtualRecordStoreInit
  /** What a master is told instead of the cluster's spec. */
  readonly master?: MasterInit
  /** What a master reaches the others through. */
  readonly masterNetwork?: (network: Network) => Network
}

/** A peer of a virtual cluster: its name, its disk, and the life it has now, if it has one. */
export interface VirtualPeer {
  readonly peer: PeerId
  readonly kind: PlannedServer['kind']
  readonly site: string
  readonly disk: VirtualDisk
  readonly skewMs: number
  life: VirtualLife | undefined
  role: Master | Slave | undefined
}

const MEET_MS = 600_000

/** Peers on the virtual engine, with the real role code. */
export class VirtualCluster implements Cluster {
  readonly engine = 'virtual'
  readonly world: VirtualWorld
  readonly spec: ClusterSpec
  readonly peers = new Map<PeerId, VirtualPeer>()
  /** Slaves whose disks a fault has altered. */
  readonly tampered = new Set<PeerId>()
  readonly owner: Owner
  readonly user: User
  readonly clock: VirtualClock
  readonly keys: Keys
  readonly #init: VirtualClusterInit
  readonly #consortium: Consortium

  constructor(spec: ClusterSpec, init: VirtualClusterInit = {}) {
    checkSpec(spec)
    this.spec = spec
    this.#init = init
    this.world = new VirtualWorld({ seed: spec.seed, link: init.link, keepLog: init.keepLog })
    this.clock = new VirtualClock(this.world.loop)
    this.keys = generateKeys(new SeededStream(`${spec.seed}/keys`))
    this.#consortium = { roster: this.world, keys: this.keys, hasher: spec.hasher, ...cryptoNamed(spec.crypto) }
    for (const server of planServers(spec)) this.#add(server)
    this.owner = new Owner(clientPorts(this.#consortium, this.world.live(this.world.admit('owner', ['owner']))))
    this.user = new User(clientPorts(this.#consortium, this.world.live(this.world.admit('user', ['user']))))
  }

  get masters(): readonly PeerId[] {
    return this.#named('master')
  }

  get slaves(): readonly PeerId[] {
    return this.#named('slave')
  }

  /** A peer by its name. @throws NetError `SCENARIO_INVALID` */
  get(peer: PeerId): VirtualPeer {
    const found = this.peers.get(peer)
    if (found === undefined) throw new NetError('SCENARIO_INVALID', 'no such peer in this cluster')
    return found
  }

  /** Masters that live now. */
  liveMasters(): Master[] {
    return [...this.peers.values()].flatMap(({ role }) => (role instanceof Master ? [role] : []))
  }

  async start(): Promise<void> {
    await this.drive(this.begin())
  }

  /** Like {@link start}, for a caller that drives time itself. */
  async begin(): Promise<void> {
    await Promise.all([...this.peers.keys()].map(peer => this.up(peer)))
    const met = (): boolean => haveMet(this.liveMasters(), this.spec.slaves)
    await waitUntil(met, { clock: this.clock, limitMs: MEET_MS, late: 'the masters have not met all peers' })
  }

  async stop(): Promise<void> {
    for (const { life } of this.peers.values()) life?.kill()
  }

  drive<T>(work: Promise<T>): Promise<T> {
    return this.world.loop.until(work)
  }

  close(peer: PeerId): void {
    this.world.internet.close(peer)
  }

  open(peer: PeerId): void {
    this.world.internet.open(peer)
  }

  async down(peer: PeerId): Promise<void> {
    const target = this.get(peer)
    if (target.life === undefined) return
    target.life.kill()
    target.life = undefined
    target.role = undefined
    target.disk.crash()
    this.world.log.note(`${this.world.loop.now} ${peer} dies`)
  }

  async up(peer: PeerId): Promise<void> {
    const target = this.get(peer)
    if (target.life !== undefined) return
    const life = this.world.live(peer, { offsetMs: target.skewMs })
    target.life = life
    target.disk.attach(life.clock)
    this.world.log.note(`${this.world.loop.now} ${peer} lives`)
    target.role = target.kind === 'master' ? this.#master(life, target.disk) : this.#slave(life, target.disk)
    await target.role.start()
  }

  #add({ name, kind, site }: PlannedServer): void {
    const peer = this.world.admit(name, [kind], site)
    const disk = new VirtualDisk(this.clock, this.#init.disk)
    const range = this.#init.skewMs ?? 0
    const skewMs = range === 0 ? 0 : Math.max(0, range * (2 * this.world.random.unit() - 1) + range)
    this.peers.set(peer, { peer, kind, site, disk, skewMs, life: undefined, role: undefined })
  }

  #named(kind: VirtualPeer['kind']): PeerId[] {
    return [...this.peers.values()].filter(one => one.kind === kind).map(one => one.peer)
  }

  #master(life: VirtualLife, disk: VirtualDisk): Master {
    const records = new VirtualRecordStore(disk, this.#init.planted?.records)
    const network = this.#init.planted?.masterNetwork?.(life.network) ?? life.network
    const init = { ...this.spec.master, ...this.#init.planted?.master, threshold: this.spec.threshold }
    return makeMaster(this.#consortium, { ...life, network, records }, init)
  }

  #slave(life: VirtualLife, disk: VirtualDisk): Slave {
    const shadows = new VirtualShadowStore(disk, this.#init.planted?.shadows)
    return makeSlave(this.#consortium, { ...life, shadows })
  }
}
