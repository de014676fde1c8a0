import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../base/clock.ts'
import { systemCode } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { Roster } from '../../base/roles.ts'
import { groupOf } from './address-group.ts'
import type { Libp2pNode } from './create-libp2p.ts'
import { MOST_ADDRESSES } from './guard-peer-store.ts'

/** Where addresses outlive the process. */
export interface KeptAddresses {
  /** Those written last, none when nothing was or it cannot be read. */
  read(): Promise<readonly string[]>
  /** Replace them all. @throws NetError `FILE_UNWRITABLE` */
  write(addresses: readonly string[]): Promise<void>
}

/** What an {@link AddressBook} stands on. */
export interface AddressBookComponents {
  readonly roster: Roster
  readonly clock: Clock
  readonly log: Log
  readonly kept: KeptAddresses
}

const SAVE_MS = 2_000 // what is learnt together is written together
const MOST_SEEN = 4 // places where one member was last seen

/** Every address of a member that a node has learnt, kept for its next start, and where members were last seen. */
export class AddressBook {
  readonly #components: AddressBookComponents
  readonly #byPeer = new Map<PeerId, readonly string[]>() // newest first
  readonly #seen = new Map<PeerId, readonly string[]>()
  #node: Libp2pNode | undefined
  #written = ''
  #cancel: (() => void) | undefined

  constructor(components: AddressBookComponents) {
    this.#components = components
  }

  /** Addresses of members, each with its peer's id. */
  get addresses(): string[] {
    return [...this.#byPeer].flatMap(([peer, known]) => known.map(address => `${address}/p2p/${peer}`))
  }

  /** Whether a member was last seen at an address, one as `groupOf` gives it. */
  isKnown(group: string): boolean {
    for (const groups of this.#seen.values()) if (groups.includes(group)) return true
    return false
  }

  /** Tell a node what was kept, and take down from now on what it learns. */
  async start(node: Libp2pNode): Promise<void> {
    this.#node = node
    for (const address of await this.#components.kept.read()) this.#recall(address)
    for (const [peer, known] of this.#byPeer) {
      await node.peerStore.merge(peerIdFromString(peer), { multiaddrs: known.map(address => multiaddr(address)) })
    }
    this.#written = this.addresses.join()
    node.addEventListener('peer:identify', () => this.#saveSoon())
    node.addEventListener('connection:open', ({ detail }) => this.#see(detail))
  }

  /** Write what is not written yet, and no more. */
  async stop(): Promise<void> {
    this.#cancel?.()
    await this.#save()
    this.#node = undefined
  }

  #recall(address: string): void {
    const [, place, peer] = /^(.+)\/p2p\/(\w+)$/.exec(address) ?? []
    if (!this.#isMember(peer) || !isAddress(place)) return
    this.#byPeer.set(peer, [...(this.#byPeer.get(peer) ?? []), place].slice(0, MOST_ADDRESSES))
    this.#sawAt(peer, multiaddr(place).getComponents()[0].value)
  }

  #isMember(peer: string | undefined): peer is PeerId {
    return peer !== undefined && this.#components.roster.member(peer as PeerId) !== undefined // by type: else no member's
  }

  #see({ remotePeer, remoteAddr }: Connection): void {
    const peer = remotePeer.toString()
    if (this.#isMember(peer)) this.#sawAt(peer, remoteAddr.getComponents()[0].value)
    this.#saveSoon()
  }

  #sawAt(peer: PeerId, address: string | undefined): void {
    const group = groupOf(address ?? '')
    const others = (this.#seen.get(peer) ?? []).filter(other => other !== group)
    this.#seen.set(peer, [group, ...others].slice(0, MOST_SEEN))
  }

  #saveSoon(): void {
    this.#cancel ??= this.#components.clock.setTimer(SAVE_MS, () => void this.#save())
  }

  async #save(): Promise<void> {
    this.#cancel = undefined
    const { kept, log } = this.#components
    try {
      await this.#takeDown()
      const addresses = this.addresses
      if (addresses.join() === this.#written) return
      await kept.write(addresses)
      this.#written = addresses.join()
    } catch (error) {
      log('addresses of peers cannot be kept', { why: systemCode(error) })
    }
  }

  async #takeDown(): Promise<void> {
    for (const { id, addresses } of (await this.#node?.peerStore.all()) ?? []) {
      const peer = id.toString()
      if (!this.#isMember(peer) || id.equals(this.#node?.peerId)) continue
      const fresh = addresses.map(({ multiaddr }) => String(multiaddr).replace(/\/p2p\/\w+$/, ''))
      const known = this.#byPeer.get(peer) ?? []
      const all = [...new Set([...fresh, ...known])].slice(0, MOST_ADDRESSES)
      if (all.length > 0) this.#byPeer.set(peer, all)
    }
  }
}

function isAddress(text: string): boolean {
  try {
    multiaddr(text)
    return true
  } catch {
    return false
  }
}
