import { sleep } from '../../../base/clock.ts'
import type { PeerId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import type { Role } from '../../../base/roles.ts'
import { generateKeys } from '../../../crypto/keys.ts'
import type { ShadowScheme } from '../../../crypto/shadow-scheme.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import type { Log } from '../../../base/log.ts'
import type { Master } from '../../../node/master/master.ts'
import type { MasterInit } from '../../../node/master/master-init.ts'
import { Owner, type OwnerPorts } from '../../../node/client/owner.ts'
import type { BegunSharing, OpenSharing, SharingJournal } from '../../../node/placement/sharing-journal.ts'
import type { Slave } from '../../../node/slave/slave.ts'
import { User } from '../../../node/client/user.ts'
import { cryptoNamed } from '../../../sim/cluster/cluster.ts'
import { clientPorts, type Consortium, makeMaster, makeSlave } from '../../../sim/cluster/consortium.ts'
import { planServers } from '../../../sim/cluster/plan-servers.ts'
import { haveMet, waitUntil } from '../../../sim/cluster/wait-until.ts'
import { VirtualClock } from '../../../sim/virtual/virtual-clock.ts'
import { type VirtualLife, VirtualWorld } from '../../../sim/virtual/virtual-world.ts'
import { MemoryShadowStore } from '../../../storage/memory-shadow-store.ts'

export interface GridInit {
  readonly seed?: number
  readonly masters?: number
  readonly slaves?: number
  /** Slaves stand at so many sites, in turn. */
  readonly sites?: number
  readonly quotaBytes?: number
  readonly master?: MasterInit
  readonly scheme?: ShadowScheme
  readonly log?: Log
  /** How peers sign; `twin` when left out. */
  readonly signatures?: 'twin' | 'ed25519'
}

/** A slave with its disk, and whether its operator means it to go. */
interface GridSlave extends GridPeer<Slave> {
  readonly shadows: MemoryShadowStore
  leaving: boolean
}

export interface GridPeer<R> {
  readonly peer: PeerId
  life: VirtualLife
  role: R
}

/** Random image bytes of a length. */
export function picture(seed: number, length = 3000): Uint8Array {
  return seededRandom(`picture ${seed}`).fill(new Uint8Array(length))
}

/** A journal that outlives its master. */
class MemoryJournal implements SharingJournal {
  readonly #open = new Map<string, OpenSharing>()

  async load(): Promise<readonly OpenSharing[]> {
    return [...this.#open.values()]
  }

  async begin(sharing: OpenSharing): Promise<void> {
    this.#open.set(sharing.sharing, sharing)
  }

  async end({ sharing }: BegunSharing): Promise<void> {
    this.#open.delete(sharing)
  }
}

/** A whole network with real crypto on virtual time: masters, slaves, one owner, one user, and faults as verbs. */
export class HospitalGrid {
  readonly world: VirtualWorld
  readonly keys = generateKeys(seededRandom('grid keys'))
  readonly masters: (GridPeer<Master> & { records: MemoryRecordStore; readonly journal: MemoryJournal })[] = []
  readonly slaves: GridSlave[] = []
  readonly owner: GridPeer<Owner>
  readonly user: GridPeer<User>
  readonly init: GridInit
  readonly #clock: VirtualClock
  readonly #consortium: Consortium

  constructor(init: GridInit = {}) {
    this.init = init
    const { seed = 1, masters = 2, slaves = 5, sites = 3, scheme } = init
    this.world = new VirtualWorld({ seed, signatures: init.signatures })
    this.#clock = new VirtualClock(this.world.loop)
    const crypto = cryptoNamed('paper')
    this.#consortium = { ...crypto, scheme: scheme ?? crypto.scheme, roster: this.world, keys: this.keys }
    for (const { name, kind, site } of planServers({ masters, slaves, sites })) {
      if (kind === 'master') this.addMaster(name, site)
      else this.addSlave(name, site)
    }
    this.owner = this.client('owner', ports => new Owner(ports))
    this.user = this.client('user', ports => new User(ports))
  }

  /** Start every peer and wait until every master knows every other and all slaves. */
  async start(): Promise<this> {
    await this.run(Promise.all([...this.masters, ...this.slaves].map(({ role }) => role.start())))
    const masters = this.masters.map(({ role }) => role)
    await this.when(() => haveMet(masters, this.slaves.length))
    return this
  }

  /** Let virtual time run until `work` ends. */
  run<T>(work: Promise<T>): Promise<T> {
    return this.world.loop.until(work)
  }

  /** The error code with which `work` ends, `none` when it succeeds. */
  codeOf(work: Promise<unknown>): Promise<string> {
    return this.run(
      work.then(
        () => 'none',
        error => error.code ?? String(error)
      )
    )
  }

  /** Let virtual time run until a condition holds; fails after an hour of it. */
  when(condition: () => boolean | Promise<boolean>): Promise<void> {
    const late = 'the condition did not come to hold'
    return this.run(waitUntil(condition, { clock: this.#clock, limitMs: 3_600_000, late }))
  }

  /** Let virtual time pass. */
  pass(ms: number): Promise<void> {
    return this.run(sleep(this.#clock, ms))
  }

  /** End the peer's life as SIGKILL does; what it acknowledged stays on its disk. */
  kill(peer: { readonly life: VirtualLife }): void {
    peer.life.kill()
  }

  /** A new life for a slave, with the disk it had. */
  async reviveSlave(at: number): Promise<void> {
    const slave = this.slaves[at]
    slave.life = this.world.live(slave.peer)
    slave.role = this.#slave(slave)
    await this.run(slave.role.start())
  }

  /** A new life for a master, with the index it had, or another. */
  async reviveMaster(at: number, records = this.masters[at].records): Promise<void> {
    const master = this.masters[at]
    master.life = this.world.live(master.peer)
    master.records = records
    master.role = this.#master(master.life, records, master.journal)
    await this.run(master.role.start())
  }

  /** Shadows on all slaves together. */
  async shadowCount(): Promise<number> {
    const lists = await Promise.all(this.slaves.map(({ shadows }) => shadows.list()))
    return lists.flat().length
  }

  addMaster(name: string, site: string): void {
    const peer = this.world.admit(name, ['master'], site)
    const life = this.world.live(peer)
    const records = new MemoryRecordStore()
    const journal = new MemoryJournal()
    this.masters.push({ peer, life, records, journal, role: this.#master(life, records, journal) })
  }

  addSlave(name: string, site: string, roles: Role[] = ['slave']): void {
    const peer = this.world.admit(name, roles, site)
    const life = this.world.live(peer)
    const shadows = new MemoryShadowStore({ quotaBytes: this.init.quotaBytes })
    const slave = { peer, life, shadows, leaving: false }
    this.slaves.push(Object.assign(slave, { role: this.#slave(slave) }))
  }

  /** An owner or user, with the grid's keys unless told otherwise. */
  client<R>(
    label: string,
    make: (ports: OwnerPorts) => R,
    { keys = this.keys, roles = [label.split(' ')[0] as Role] } = {}
  ): GridPeer<R> {
    const peer = this.world.admit(label, roles)
    const life = this.world.live(peer)
    return { peer, life, role: make(clientPorts({ ...this.#consortium, keys }, life)) }
  }

  #slave(slave: Omit<GridSlave, 'role'>): Slave {
    const isLeaving = async (): Promise<boolean> => slave.leaving
    return makeSlave(this.#consortium, { ...slave.life, shadows: slave.shadows, log: this.init.log, isLeaving })
  }

  #master(life: VirtualLife, records: MemoryRecordStore, journal: MemoryJournal): Master {
    return makeMaster(this.#consortium, { ...life, records, journal, log: this.init.log }, this.init.master)
  }
}
