import { type Clock, deadline } from '../../base/clock.ts'
import { asError, isNetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import { type Random, randomUnit } from '../../base/random.ts'
import type { Member, Role, Roster } from '../../base/roles.ts'
import { type LivenessAnswer, liveness } from '../../protocols/liveness.ts'
import type { Directory, Network } from '../../protocols/network.ts'
import { type Log, silent } from '../../base/log.ts'
import { PeerState, type Standing } from './peer-state.ts'

/** What a {@link PeerTable} works with. */
export interface PeerTablePorts {
  readonly network: Network
  readonly directory: Directory
  readonly roster: Roster
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
}

/** What kind of answer is timed, and for how much of it. */
export interface AskedWork {
  readonly kind: 'beats' | 'reads' | 'writes'
  /** Units of work, so that large and small answers compare; 1 when left out. */
  readonly units?: number
}

/** How a {@link PeerTable} watches. */
export interface PeerTableInit {
  /** Every peer is asked whether it lives this often, in ms. */
  beatMs?: number
  /** The directory is asked for new peers this often, in ms. */
  findMs?: number
  /** So many missed beats in a row declare a peer dead. */
  deadAfterMisses?: number
}

/** Defaults of {@link PeerTableInit}. */
const PEER_TABLE_DEFAULTS: Required<PeerTableInit> = Object.freeze({
  beatMs: 2_000, // a dead slave is known before a third store picks it; 20 bytes a beat
  findMs: 15_000, // a DHT look-up costs some 20 requests
  deadAfterMisses: 3 // one missed beat is a hiccup, never a death
})

const WATCHED: readonly Role[] = ['slave', 'master']
const FIRST_FIND_MS = 500 // a young network grows fast: asked again after this, doubled each time
const MAX_BACKOFF_BEATS = 32

/**
 * The slaves and masters that a master knows, and how each of them does: asked in a steady beat, found through the
 * directory and by their connections. A beat's time limit follows the peer's own pace.
 */
export class PeerTable {
  readonly #ports: PeerTablePorts
  readonly #init: Required<PeerTableInit>
  readonly #states = new Map<PeerId, PeerState>()
  readonly #listeners = new Set<(peer: PeerId) => void>()
  readonly #beatListeners = new Set<(peer: PeerId, vitals: LivenessAnswer) => void>()
  readonly #cancels = new Map<string, () => void>()
  #running: AbortController | undefined
  #beats = 0
  #finds = 0

  constructor(ports: PeerTablePorts, init: PeerTableInit = {}) {
    this.#ports = ports
    this.#init = withDefaults(PEER_TABLE_DEFAULTS, init)
  }

  /** Begin to watch. */
  start(): void {
    if (this.#running !== undefined) return
    const running = new AbortController()
    this.#running = running
    this.#finds = 0
    const { network, random } = this.#ports
    this.#cancels.set(
      'peers',
      network.onPeer((peer, state) => (state === 'up' ? this.#cameUp(peer) : this.#wentDown(peer)))
    )
    if (this.#ports.roster.member(network.self)?.roles.includes('slave')) this.#cameUp(network.self)
    for (const peer of network.connected()) this.#cameUp(peer)
    this.#later('beat', this.#init.beatMs * randomUnit(random), () => this.#beatAll())
    void this.#find()
  }

  /** End watching; what is known stays. */
  stop(): void {
    this.#running?.abort()
    this.#running = undefined
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }

  /** All known peers with a role, this one included when it carries it. */
  known(role: Role): PeerState[] {
    return [...this.#states.values()].filter(({ member }) => member.roles.includes(role))
  }

  /** Those of {@link known} that answered last time they were asked. */
  alive(role: Role): PeerState[] {
    return this.known(role).filter(state => state.standing === 'alive')
  }

  /** What is known of a peer; undefined when it was never met. */
  get(peer: PeerId): PeerState | undefined {
    return this.#states.get(peer)
  }

  /** A peer's standing; one that was never met is `suspect`. */
  standing(peer: PeerId): Standing {
    return this.#states.get(peer)?.standing ?? 'suspect'
  }

  /** Call `listener` when a peer answers for the first time or again after it was away; returns the way to stop. */
  onBack(listener: (peer: PeerId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Call `listener` with every answer to a beat; returns the way to stop. */
  onBeat(listener: (peer: PeerId, vitals: LivenessAnswer) => void): () => void {
    this.#beatListeners.add(listener)
    return () => this.#beatListeners.delete(listener)
  }

  /** Watch a peer from now on, if the roster has it as slave or master. */
  watch(peer: PeerId): PeerState | undefined {
    const member = this.#ports.roster.member(peer)
    if (!member?.roles.some(role => WATCHED.includes(role))) return undefined
    return this.#add(peer, member)
  }

  /** Do `ask`, and note for `peer` whether it answered and how long that took. */
  async noted<T>(peer: PeerId, { kind, units = 1 }: AskedWork, ask: () => Promise<T>): Promise<T> {
    const began = this.#ports.clock.monotonic()
    try {
      const answer = await ask()
      this.#states.get(peer)?.[kind].add(this.#ports.clock.monotonic() - began, units)
      this.#heard(peer)
      return answer
    } catch (error) {
      if (isNetError(error, 'PEER_UNREACHABLE', 'REQUEST_TIMEOUT')) this.#missed(peer)
      throw error
    }
  }

  /** Ask a peer now whether it lives. */
  async beat(peer: PeerId): Promise<boolean> {
    const state = this.watch(peer)
    if (state === undefined) return false
    state.beating ??= this.#beat(state).finally(() => {
      state.beating = undefined
    })
    return state.beating
  }

  #add(peer: PeerId, member: Member): PeerState {
    const known = this.#states.get(peer)
    if (known !== undefined) return known
    const state = new PeerState(member, this.#ports.clock, this.#init.deadAfterMisses)
    this.#states.set(peer, state)
    return state
  }

  async #beat(state: PeerState): Promise<boolean> {
    const { network, clock } = this.#ports
    const { peer } = state.member
    const began = clock.monotonic()
    const limit = deadline(clock, state.beatLimitMs(), { signal: this.#running?.signal })
    try {
      state.vitals = await network.request(peer, liveness, {}, { signal: limit.signal })
      state.beats.add(clock.monotonic() - began)
      this.#heard(peer)
      for (const listener of this.#beatListeners) listener(peer, state.vitals)
      return true
    } catch (error) {
      if (!this.#running?.signal.aborted) this.#missed(peer)
      if (!isNetError(error)) this.#tell('beat failed', { peer, reason: asError(error).name })
      return false
    } finally {
      limit.clear()
    }
  }

  #beatAll(): void {
    this.#later('beat', this.#init.beatMs, () => this.#beatAll())
    const beat = this.#beats++
    for (const [peer, state] of this.#states) {
      const every = Math.min(MAX_BACKOFF_BEATS, 2 ** Math.max(0, state.misses - this.#init.deadAfterMisses))
      if (beat % every === 0) void this.beat(peer)
    }
  }

  async #find(): Promise<void> {
    const running = this.#running
    const { directory } = this.#ports
    await Promise.all(
      WATCHED.map(async role => {
        try {
          const found = await directory.find(role, { signal: running?.signal })
          if (running?.signal.aborted) return
          for (const peer of found) if (!this.#states.has(peer)) void this.beat(peer)
        } catch (error) {
          if (!running?.signal.aborted) this.#tell('directory did not answer', { role, reason: asError(error).name })
        }
      })
    )
    if (running?.signal.aborted) return
    this.#later('find', Math.min(this.#init.findMs, FIRST_FIND_MS * 2 ** this.#finds++), () => void this.#find())
  }

  #cameUp(peer: PeerId): void {
    if (this.#running !== undefined) void this.beat(peer)
  }

  #wentDown(peer: PeerId): void {
    const state = this.#states.get(peer)
    if (state === undefined || this.#running === undefined) return
    state.missed()
    void this.beat(peer)
  }

  #heard(peer: PeerId): void {
    const state = this.#states.get(peer)
    if (state === undefined) return
    const wasAway = state.standing !== 'alive'
    state.heard()
    if (wasAway) for (const listener of this.#listeners) listener(peer)
  }

  #missed(peer: PeerId): void {
    const state = this.#states.get(peer)
    if (state === undefined) return
    const before = state.standing
    state.missed()
    if (state.standing !== before) this.#tell(`peer is ${state.standing}`, { peer, misses: state.misses })
  }

  #later(name: string, delayMs: number, action: () => void): void {
    if (this.#running !== undefined) this.#cancels.set(name, this.#ports.clock.setTimer(delayMs, action))
  }

  #tell: Log = (fact, fields) => (this.#ports.log ?? silent)(fact, fields)
}
