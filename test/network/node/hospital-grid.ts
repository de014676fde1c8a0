import { sleep } from '../../../base/clock.ts'
import type { PeerId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import type { Role } from '../../../base/roles.ts'
import { cipherNamed, cipherOf } from '../../../crypto/image-ciphers.ts'
import { generateKeys } from '../../../crypto/keys.ts'
import type { ShadowScheme } from '../../../crypto/shadow-scheme.ts'
import { schemeNamed } from '../../../crypto/shadow-schemes.ts'
import { hashCode } from '../../../hashing/hash-code.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import type { ImageHasher } from '../../../node/client/client-ports.ts'
import type { Log } from '../../../base/log.ts'
import { Master, type MasterInit } from '../../../node/master/master.ts'
import { Owner } from '../../../node/client/owner.ts'
import { Slave } from '../../../node/slave/slave.ts'
import { User } from '../../../node/client/user.ts'
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
}

export interface GridPeer<R> {
  readonly peer: PeerId
  life: VirtualLife
  role: R
}

/** The first eight bytes of an image are its hash code: near images are those that start alike. */
export const firstBytes: ImageHasher = {
  space: { model: 'a'.repeat(64), view: 'b'.repeat(64), bits: 64 },
  hash: async images => images.map(image => hashCode(image.slice(0, 8)))
}

/** Random image bytes of a length. */
export function picture(seed: number, length = 3000): Uint8Array {
  return seededRandom(`picture ${seed}`).fill(new Uint8Array(length))
}

/** A whole network with real crypto on virtual time: masters, slaves, one owner, one user, and faults as verbs. */
export class HospitalGrid {
  readonly world: VirtualWorld
  readonly keys = generateKeys(seededRandom('grid keys'))
  readonly masters: (GridPeer<Master> & { readonly records: MemoryRecordStore })[] = []
  readonly slaves: (GridPeer<Slave> & { readonly shadows: MemoryShadowStore })[] = []
  readonly owner: GridPeer<Owner>
  readonly user: GridPeer<User>
  readonly init: GridInit

  constructor(init: GridInit = {}) {
    this.init = init
    const { seed = 1, masters = 2, slaves = 5, sites = 3 } = init
    this.world = new VirtualWorld({ seed })
    for (let i = 0; i < masters; i++) this.addMaster(i)
    for (let i = 0; i < slaves; i++) this.addSlave(i, `site ${i % sites}`)
    this.owner = this.client('owner', ports => new Owner({ ...ports, signer: ports.life.signer }))
    this.user = this.client('user', ports => new User(ports))
  }

  /** Start every peer and wait until every master knows every other and all slaves. */
  async start(): Promise<this> {
    await this.run(Promise.all([...this.masters, ...this.slaves].map(({ role }) => role.start())))
    await this.when(() => this.masters.every(({ role }) => this.#knowsAll(role)))
    return this
  }

  #knowsAll({ peers, replicator }: Master): boolean {
    return peers.alive('slave').length === this.slaves.length && replicator.others().length === this.masters.length - 1
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
  async when(condition: () => boolean | Promise<boolean>): Promise<void> {
    const clock = {
      now: () => this.world.loop.now,
      setTimer: (ms: number, action: () => void) => this.#timer(ms, action)
    }
    const giveUp = this.world.loop.now + 3_600_000
    while (!(await condition())) {
      if (this.world.loop.now > giveUp) throw new Error('the condition never came to hold')
      await this.run(sleep(clock, 50))
    }
  }

  /** Let virtual time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.world.loop.now + ms
    await this.when(() => this.world.loop.now >= end)
  }

  /** End the peer's life as SIGKILL does; what it acknowledged stays on its disk. */
  kill(peer: { readonly life: VirtualLife }): void {
    peer.life.kill()
  }

  /** A new life for a slave, with the disk it had. */
  async reviveSlave(at: number): Promise<void> {
    const slave = this.slaves[at]
    slave.life = this.world.live(slave.peer)
    slave.role = new Slave({ ...slave.life, roster: this.world, shadows: slave.shadows })
    await this.run(slave.role.start())
  }

  /** A new life for a master, with the index it had. */
  async reviveMaster(at: number): Promise<void> {
    const master = this.masters[at]
    master.life = this.world.live(master.peer)
    master.role = this.#master(master.life, master.records)
    await this.run(master.role.start())
  }

  /** Shadows on all slaves together. */
  async shadowCount(): Promise<number> {
    const lists = await Promise.all(this.slaves.map(({ shadows }) => shadows.list()))
    return lists.flat().length
  }

  addMaster(at: number): void {
    const peer = this.world.admit(`master ${at}`, ['master'], `master site ${at}`)
    const life = this.world.live(peer)
    const records = new MemoryRecordStore()
    this.masters.push({ peer, life, records, role: this.#master(life, records) })
  }

  addSlave(at: number, site: string, roles: Role[] = ['slave']): void {
    const peer = this.world.admit(`slave ${at}`, roles, site)
    const life = this.world.live(peer)
    const shadows = new MemoryShadowStore({ quotaBytes: this.init.quotaBytes })
    this.slaves.push({ peer, life, shadows, role: new Slave({ ...life, roster: this.world, shadows }) })
  }

  /** An owner or user, with the grid's keys unless told otherwise. */
  client<R>(
    label: string,
    make: (ports: ClientLife) => R,
    { keys = this.keys, roles = [label.split(' ')[0] as Role] } = {}
  ): GridPeer<R> {
    const peer = this.world.admit(label, roles)
    const life = this.world.live(peer)
    const cipher = cipherNamed('qms2')
    const ports = { ...life, life, roster: this.world, keys, cipher, cipherOf, hasher: firstBytes }
    return { peer, life, role: make(ports) }
  }

  #master(life: VirtualLife, records: MemoryRecordStore): Master {
    const { thresholdKey, macKey } = this.keys
    const keys = { thresholdKey, macKey }
    const scheme = this.init.scheme ?? schemeNamed('bai')
    const log = this.init.log
    return new Master({ ...life, log, roster: this.world, records, keys, scheme, schemeNamed }, this.init.master)
  }

  #timer(ms: number, action: () => void): () => void {
    const event = this.world.loop.after(ms, action)
    return () => {
      event.action = undefined
    }
  }
}

type ClientLife = ConstructorParameters<typeof User>[0] & { readonly life: VirtualLife }
