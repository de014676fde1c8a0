import type { PeerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import type { Connection, End } from './connection.ts'
import type { EventLog } from './event-log.ts'
import type { EventLoop } from './event-loop.ts'
import { LINK_DEFAULTS, type LinkConditions, NOTICE_DEFAULTS } from './link.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'

/** What a virtual internet is made of. */
export interface InternetComponents {
  readonly loop: EventLoop
  readonly roster: Roster
  readonly random: SeededStream
  readonly log: EventLog
}

/** One message on its way. */
export interface Letter {
  readonly from: End
  readonly connection: Connection
  readonly bytes: number
  /** Whether it keeps its place behind earlier messages of the connection. */
  readonly ordered: boolean
  readonly arrive: (to: End) => void
}

/** Every peer's wires: who is there, who can reach whom, and when a message arrives. */
export class Internet {
  readonly loop: EventLoop
  readonly roster: Roster
  readonly log: EventLog
  readonly random: SeededStream
  readonly notice: typeof NOTICE_DEFAULTS
  link: LinkConditions
  readonly #peers = new Map<PeerId, End>()
  readonly #sides = new Map<PeerId, number>()
  readonly #slowness = new Map<PeerId, number>()
  readonly #closed = new Set<PeerId>()
  readonly #uplinkFree = new Map<PeerId, number>()

  constructor(components: InternetComponents, link: Partial<LinkConditions> = {}) {
    this.loop = components.loop
    this.roster = components.roster
    this.random = components.random
    this.log = components.log
    this.notice = NOTICE_DEFAULTS
    this.link = { ...LINK_DEFAULTS, ...link }
  }

  /** Plug a peer's new life in; an earlier life of the same peer must have ended. */
  plug(life: End): void {
    this.#peers.set(life.self, life)
  }

  /** Take a life off the wire. */
  unplug(life: End): void {
    if (this.#peers.get(life.self) === life) this.#peers.delete(life.self)
  }

  /** The life that takes connections under this name now. */
  find(peer: PeerId): End | undefined {
    return this.#closed.has(peer) ? undefined : this.#peers.get(peer)
  }

  /** Close a peer's port: its connections break and new ones are refused, though its process lives on. */
  close(peer: PeerId): void {
    this.#closed.add(peer)
    this.#peers.get(peer)?.connections.breakAll()
  }

  /** Open a peer's port again. */
  open(peer: PeerId): void {
    this.#closed.delete(peer)
  }

  /** Whether messages pass between two peers. */
  reaches(a: PeerId, b: PeerId): boolean {
    return (this.#sides.get(a) ?? 0) === (this.#sides.get(b) ?? 0)
  }

  /** Cut the network: peers of different groups no longer reach each other; peers in no group stay together. */
  partition(groups: readonly (readonly PeerId[])[]): void {
    this.#sides.clear()
    groups.forEach((group, at) => {
      for (const peer of group) this.#sides.set(peer, at + 1)
    })
    for (const { connections } of this.#peers.values()) connections.noticeSilence()
  }

  /** Make the network whole again. */
  heal(): void {
    this.#sides.clear()
  }

  /** Multiply the latency, and divide the bandwidth, of a peer's line; between two peers the slower line counts. 1 ends it. */
  slow(peer: PeerId, factor: number): void {
    if (factor === 1) this.#slowness.delete(peer)
    else this.#slowness.set(peer, factor)
  }

  /** Ms that one message of `bytes` takes from one peer to another now, its wait for the uplink included. */
  delay(from: PeerId, to: PeerId, bytes: number): number {
    const { latencyMs, jitterMs, bytesPerSecond } = this.link
    const slow = Math.max(this.#slowness.get(from) ?? 1, this.#slowness.get(to) ?? 1)
    const start = Math.max(this.loop.now, this.#uplinkFree.get(from) ?? 0)
    const free = start + (bytes * 1000 * slow) / bytesPerSecond
    this.#uplinkFree.set(from, free)
    return free - this.loop.now + (latencyMs + jitterMs * this.random.unit()) * slow
  }

  /** Whether a dial to a peer always ends within the dial limit: TCP and noise take two round trips. */
  inDialLimit(peer: PeerId): boolean {
    const { latencyMs, jitterMs } = this.link
    return 4 * (latencyMs + jitterMs) * (this.#slowness.get(peer) ?? 1) <= this.notice.dialTimeoutMs
  }

  /** TCP loses nothing: what is lost on the way comes later, after 200 ms, then 400 ms more, and so on. */
  #retransmission(): number {
    let delayMs = 0
    if (this.link.loss > 0) {
      for (let waitMs = 200; this.random.unit() < this.link.loss && waitMs < 60_000; waitMs *= 2) delayMs += waitMs
    }
    return delayMs
  }

  /** Send a letter to the other end of its connection. It arrives unless the connection breaks or is cut first. */
  send(letter: Letter): void {
    const { from, connection } = letter
    const side = connection.ends[0] === from ? 1 : 0
    const to = connection.ends[side]
    let arrival = this.loop.now + this.delay(from.self, to.self, letter.bytes) + this.#retransmission()
    if (this.link.reordering > 0 && this.random.unit() < this.link.reordering) {
      arrival += this.random.unit() * this.link.latencyMs * 10
    } else if (letter.ordered) {
      arrival = Math.max(arrival, connection.lastArrival[side])
      connection.lastArrival[side] = arrival
    }
    this.loop.after(arrival - this.loop.now, () => {
      if (!connection.open || !this.reaches(from.self, to.self)) return
      to.whenAwake(() => {
        if (connection.open) letter.arrive(to)
      })
    })
  }
}
