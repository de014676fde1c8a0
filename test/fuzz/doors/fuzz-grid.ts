import { decode } from 'cborg'
import { type Clock, systemClock } from '../../../base/clock.ts'
import { type PeerId, site } from '../../../base/ids.ts'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import type { Member, Role, Roster } from '../../../base/roles.ts'
import { createSigner } from '../../../crypto/ed25519-signer.ts'
import { generateKeys } from '../../../crypto/keys.ts'
import type { Signer } from '../../../crypto/signer.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { Owner } from '../../../node/client/owner.ts'
import { User } from '../../../node/client/user.ts'
import type { Master } from '../../../node/master/master.ts'
import type { Slave } from '../../../node/slave/slave.ts'
import { Answerer } from '../../../protocols/answerer.ts'
import type { Directory, Network, Protocol } from '../../../protocols/network.ts'
import { cryptoNamed } from '../../../sim/cluster/cluster.ts'
import { clientPorts, makeMaster, makeSlave } from '../../../sim/cluster/consortium.ts'
import { MemoryShadowStore } from '../../../storage/memory-shadow-store.ts'
import type { Pool } from '../engine/grow.ts'

const ROLES: readonly Role[] = ['master', 'master', 'slave', 'slave', 'slave', 'owner', 'user']
const MOST_POOLED = 4000
const HOUR = 3_600_000

/** Two masters, three slaves, an owner and a user in one process, who hand each other encoded messages. */
export class FuzzGrid {
  /** Byte strings and texts of what they said to each other. */
  readonly pool: Pool = { bytes: [], texts: [] }
  /** Requests that were really sent, by protocol. */
  readonly heard = new Map<string, Uint8Array[]>()
  readonly #members = new Map<PeerId, Member>()
  readonly #signers: Signer[] = []
  readonly #answerers = new Map<PeerId, Answerer>()
  readonly #handled = new Map<string, PeerId[]>()
  readonly #roles: (Master | Slave)[] = []
  readonly #random = seededRandom('fuzz grid')
  #now = 0
  #listening = true

  /** Start it, store, search and fetch through it. */
  static async start(): Promise<FuzzGrid> {
    const grid = new FuzzGrid()
    for (const [at, role] of ROLES.entries()) grid.#admit(role, at)
    await grid.#start()
    grid.#listening = false
    return grid
  }

  async stop(): Promise<void> {
    for (const role of this.#roles.reverse()) await role.stop()
  }

  /** Who answers a protocol, and a member who may call it. */
  endsOf({ id, callers }: Protocol<unknown, unknown>): { readonly answerer: Answerer; readonly caller: PeerId } {
    const [answering] = this.#handled.get(id) ?? []
    const answerer = answering && this.#answerers.get(answering)
    if (!answerer) throw new Error(`nobody answers ${id}`)
    const caller = [...this.#members.values()].reverse().find(({ roles }) => callers.some(role => roles.includes(role)))
    if (caller === undefined) throw new Error(`nobody may call ${id}`)
    return { answerer, caller: caller.peer }
  }

  #admit(role: Role, at: number): void {
    const signer = createSigner(randomBytes(this.#random, 32))
    this.#members.set(signer.self, { peer: signer.self, site: site(`site ${at}`), roles: [role] })
    this.#signers.push(signer)
    // An hour between any two requests: rates are tried elsewhere.
    const clock: Clock = { ...systemClock, monotonic: () => (this.#now += HOUR) }
    this.#answerers.set(signer.self, new Answerer({ roster: this.#roster, clock }))
  }

  readonly #roster: Roster = {
    member: peer => this.#members.get(peer),
    withRole: role => [...this.#members.values()].filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer)
  }

  async #start(): Promise<void> {
    const directory: Directory = { announce: async () => {}, find: async role => [...this.#roster.withRole(role)] }
    const consortium = { ...cryptoNamed('reference'), roster: this.#roster, keys: generateKeys(this.#random) }
    const worldOf = (signer: Signer) => {
      return { network: this.#network(signer.self), directory, clock: systemClock, random: this.#random, signer }
    }
    const [first, second, ...others] = this.#signers
    const [owner, user] = others.slice(-2)
    for (const signer of others.slice(0, -2)) {
      this.#roles.push(makeSlave(consortium, { ...worldOf(signer), shadows: new MemoryShadowStore() }))
    }
    const masters = [first, second].map(signer =>
      makeMaster(consortium, { ...worldOf(signer), records: new MemoryRecordStore() })
    )
    this.#roles.push(...masters)
    for (const role of this.#roles) await role.start()
    for (const { peers } of masters) await Promise.all([...this.#members.keys()].map(peer => peers.beat(peer)))
    const stores = new Owner(clientPorts(consortium, worldOf(owner)))
    const reads = new User(clientPorts(consortium, worldOf(user)))
    for (let at = 0; at < 3; at++) {
      const image = randomBytes(this.#random, 200)
      const { id } = await stores.store(image)
      await reads.search(image)
      await reads.fetch(id)
      if (at === 2) await stores.delete(id)
    }
  }

  #network(self: PeerId): Network {
    return {
      self,
      request: async <Q, A>(peer: PeerId, { id, request, answer }: Protocol<Q, A>, value: Q): Promise<A> => {
        const bytes = request.encode(value)
        this.#hear(bytes)
        if (this.#listening) this.heard.set(id, [...(this.heard.get(id) ?? []), bytes].slice(-8))
        const answerer = this.#answerers.get(peer)
        if (answerer === undefined) throw new Error('no such peer')
        const read = async (reserve: (bytes: number) => void): Promise<Uint8Array> => {
          reserve(bytes.length)
          return bytes
        }
        const { parts, giveBack } = await answerer.answer({ caller: self, id, bytes: bytes.length, read })
        giveBack()
        const told = Uint8Array.from(Buffer.concat(parts))
        this.#hear(told)
        return answer.decode(told)
      },
      handle: (protocol, handler) => {
        this.#answerers.get(self)?.handle(protocol, handler)
        this.#handled.set(protocol.id, [...(this.#handled.get(protocol.id) ?? []), self])
      },
      connected: () => [...this.#members.keys()].filter(peer => peer !== self),
      onPeer: () => () => {}
    }
  }

  /** Keep the byte strings and texts of a message, and of messages inside it. */
  #hear(bytes: Uint8Array): void {
    if (!this.#listening || this.pool.bytes.length > MOST_POOLED) return
    let value: unknown
    try {
      value = decode(bytes)
    } catch {
      return // no message: a signature, a shadow
    }
    this.#keep(value)
  }

  #keep(value: unknown): void {
    if (value instanceof Uint8Array) {
      const own = Uint8Array.from(value)
      this.pool.bytes.push(own)
      if (own.length > 64) this.#hear(own)
    } else if (typeof value === 'string') this.pool.texts.push(value)
    else if (typeof value === 'object' && value !== null) for (const held of Object.values(value)) this.#keep(held)
  }
}
