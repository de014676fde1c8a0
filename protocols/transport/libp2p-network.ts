import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { concat } from 'uint8arrays/concat'
import { type AbortOptions, abortReason, type Clock, deadline } from '../../base/clock.ts'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import type { Member, Roster } from '../../base/roles.ts'
import { Budget, Gate, RateLimiter } from '../admission.ts'
import { partsOf } from '../../codec/codec.ts'
import { type Libp2pNode, idOf } from './create-libp2p.ts'
import type { Handler, Network, Protocol } from '../network.ts'
import { openStream } from './open-stream.ts'
import { answerInTurn, ask, headed } from './request-response.ts'
import { checkCaller, lengthOf, type Served, served, tooLarge } from '../respond.ts'
import { answerMany, MAX_IN_HAND, SharedStream } from './shared-stream.ts'
import { ANSWERER_IDLE_MS, StreamPool } from './stream-pool.ts'
import { StreamGone, WireStream } from './wire-stream.ts'

/** How a {@link Libp2pNetwork} guards itself. */
export interface Libp2pNetworkInit {
  /** Longest silence within a message, in ms. */
  stallMs?: number
  /** Bytes of incoming bulk messages under way at a time, over all callers. */
  maxInboundBytes?: number
}

/** What a {@link Libp2pNetwork} does unless told otherwise. */
export const LIBP2P_NETWORK_DEFAULTS = Object.freeze({
  stallMs: 10_000, // a TCP connection that loses packets for this long is as good as gone
  maxInboundBytes: 1024 * 1024 * 1024 // four images of the largest size, thousands of the usual
}) satisfies Required<Libp2pNetworkInit>

/** What a {@link Libp2pNetwork} stands on. */
export interface Libp2pNetworkComponents {
  readonly node: Libp2pNode
  readonly roster: Roster
  readonly clock: Clock
}

const OWN_STREAMS = 16 // at a time to one peer and protocol, by the asking end
const MAX_OWN_STREAMS = 32 // by the answering end; libp2p resets the stream after it (gotcha 8)
const MAX_SHARED_STREAMS = 4
const MAX_WAITING = 1024
const HANG_UP_MS = 250

interface Asked<Q, A> {
  readonly peer: PeerId
  readonly protocol: Protocol<Q, A>
  readonly bytes: readonly Uint8Array[]
  readonly signal: AbortSignal
}

/** The {@link Network} over libp2p: TCP, noise, yamux. */
export class Libp2pNetwork implements Network {
  readonly self: PeerId
  readonly #node: Libp2pNode
  readonly #roster: Roster
  readonly #clock: Clock
  readonly #stallMs: number
  readonly #served = new Map<string, Served>()
  readonly #shared = new Map<string, Promise<SharedStream>>()
  readonly #pool: StreamPool
  readonly #revoked = new WeakSet<Connection>()
  readonly #gates = new Map<string, Gate>()
  readonly #limiter: RateLimiter
  readonly #budget: Budget

  constructor({ node, roster, clock }: Libp2pNetworkComponents, init: Libp2pNetworkInit = {}) {
    const { stallMs, maxInboundBytes } = withDefaults<Required<Libp2pNetworkInit>>(LIBP2P_NETWORK_DEFAULTS, init)
    this.self = idOf(node.peerId)
    this.#node = node
    this.#roster = roster
    this.#clock = clock
    this.#stallMs = stallMs
    this.#pool = new StreamPool(clock)
    this.#limiter = new RateLimiter(clock)
    this.#budget = new Budget(maxInboundBytes)
  }

  async request<Q, A>(peer: PeerId, protocol: Protocol<Q, A>, request: Q, options?: AbortOptions): Promise<A> {
    const bytes = partsOf(protocol.request, request)
    if (lengthOf(bytes) > protocol.maxRequestBytes) throw tooLarge(lengthOf(bytes), protocol.maxRequestBytes)
    const limit = deadline(this.#clock, protocol.timeoutMs, options)
    try {
      return protocol.answer.decode(await this.#ask(peer, protocol, { bytes, signal: limit.signal }))
    } catch (error) {
      if (limit.signal.aborted) throw abortReason(limit.signal)
      throw isNetError(error) ? error : unreachable(peer, error)
    } finally {
      limit.clear()
    }
  }

  handle<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>): void {
    if (this.#served.has(protocol.id)) throw new TypeError(`protocol ${protocol.id} has a handler already`)
    const service = served(protocol, handler, this.#clock)
    this.#served.set(protocol.id, service)
    const streams = protocol.stream === 'own' ? MAX_OWN_STREAMS : MAX_SHARED_STREAMS
    void this.#node.handle(protocol.id, (stream, connection) => this.#answer(service, stream, connection), {
      maxInboundStreams: streams,
      maxOutboundStreams: streams
    })
  }

  connected(): PeerId[] {
    return this.#node
      .getPeers()
      .map(idOf)
      .filter(peer => this.#roster.member(peer) !== undefined)
  }

  onPeer(listener: (peer: PeerId, state: 'up' | 'down') => void): () => void {
    const tell = (state: 'up' | 'down') => (event: CustomEvent) => {
      const peer = idOf(event.detail)
      if (this.#roster.member(peer) !== undefined) listener(peer, state)
    }
    const up = tell('up')
    const down = tell('down')
    this.#node.addEventListener('peer:connect', up)
    this.#node.addEventListener('peer:disconnect', down)
    return () => {
      this.#node.removeEventListener('peer:connect', up)
      this.#node.removeEventListener('peer:disconnect', down)
    }
  }

  /** Give up what is being asked. The node itself is stopped by whoever made it. */
  stop(): void {
    for (const stream of this.#shared.values()) stream.then(shared => shared.abort()).catch(() => {}) // never opened
    this.#shared.clear()
    this.#pool.clear()
  }

  async #ask<Q, A>(
    peer: PeerId,
    protocol: Protocol<Q, A>,
    { bytes, signal }: { bytes: readonly Uint8Array[]; signal: AbortSignal }
  ): Promise<Uint8Array> {
    if (peer === this.self) return await this.#askSelf(protocol.id, bytes, signal)
    if (this.#roster.member(peer) === undefined) throw stranger(peer)
    const name = `${peer} ${protocol.id}`
    const gate =
      this.#gates.get(name) ?? new Gate(protocol.stream === 'own' ? OWN_STREAMS : MAX_IN_HAND / 2, MAX_WAITING)
    this.#gates.set(name, gate)
    const leave = await gate.enter(signal)
    try {
      const asked = { peer, protocol, bytes, signal }
      return await (protocol.stream === 'shared' ? this.#askShared(name, asked) : this.#askAlone(name, asked))
    } finally {
      leave()
      if (gate.idle) this.#gates.delete(name)
    }
  }

  // A stream kept from an earlier message may have died since: once more on a fresh one. All bulk requests may be repeated.
  async #askAlone<Q, A>(name: string, { peer, protocol, bytes, signal }: Asked<Q, A>): Promise<Uint8Array> {
    const request = await headed(bytes)
    const asked = { request, maxAnswerBytes: protocol.maxAnswerBytes, stallMs: this.#stallMs, signal }
    const kept = this.#pool.take(name)
    const wire = kept ?? (await this.#open(peer, protocol.id, signal))
    try {
      const answer = await ask(wire, asked)
      this.#pool.put(name, wire)
      return answer
    } catch (error) {
      if (kept === undefined || !(error instanceof StreamGone)) throw error
      return await ask(await this.#open(peer, protocol.id, signal), asked)
    }
  }

  // A shared stream that turns out dead is opened anew, once: its requests are all harmless to repeat.
  async #askShared<Q, A>(name: string, asked: Asked<Q, A>): Promise<Uint8Array> {
    const stream = await this.#sharedStream(name, asked)
    try {
      return await stream.ask(asked.bytes, asked.signal)
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error
      const fresh = await this.#sharedStream(name, asked)
      return await fresh.ask(asked.bytes, asked.signal)
    }
  }

  async #sharedStream<Q, A>(
    name: string,
    { peer, protocol, signal }: { peer: PeerId; protocol: Protocol<Q, A>; signal: AbortSignal }
  ): Promise<SharedStream> {
    const known = this.#shared.get(name)
    const usable = await known?.catch(() => undefined) // whoever opened it was told
    if (usable !== undefined && !usable.dead) return usable
    if (this.#shared.get(name) !== known) return await this.#sharedStream(name, { peer, protocol, signal })
    const limits = { maxAnswerBytes: protocol.maxAnswerBytes, stallMs: this.#stallMs }
    const opening = this.#open(peer, protocol.id, signal).then(wire => new SharedStream(wire, limits))
    this.#shared.set(name, opening)
    return await opening
  }

  async #open(peer: PeerId, id: string, signal: AbortSignal): Promise<WireStream> {
    const stream = await openStream(this.#node, peerIdFromString(peer), { id, clock: this.#clock, signal })
    return new WireStream(stream, this.#clock)
  }

  async #askSelf(id: string, bytes: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    const service = this.#served.get(id)
    if (service === undefined) throw new NetError('PROTOCOL_UNSUPPORTED', `this peer does not answer ${id}`)
    const caller = checkCaller(this.#roster.member(this.self), service.protocol)
    try {
      return concat([...(await service.respond(concat([...bytes]), caller, signal))])
    } catch (error) {
      throw isNetError(error) ? error : new NetError('INTERNAL', 'a handler failed', { cause: error })
    }
  }

  #answer(service: Served, stream: Stream, connection: Connection): Promise<void> {
    const wire = new WireStream(stream, this.#clock)
    const admit = (): Member => this.#admit(service, connection)
    const { protocol } = service
    if (protocol.stream === 'shared') return answerMany(wire, { served: service, stallMs: this.#stallMs, admit })
    const [stallMs, budget] = [this.#stallMs, this.#budget]
    return answerInTurn(wire, { served: service, stallMs, idleMs: ANSWERER_IDLE_MS, budget, admit })
  }

  // The roster is asked at every request: who was removed from it may still have its connection open (gotcha 7).
  #admit(service: Served, connection: Connection): Member {
    const peer = idOf(connection.remotePeer)
    const member = this.#roster.member(peer)
    if (member === undefined) this.#hangUp(connection)
    const caller = checkCaller(member, service.protocol)
    this.#limiter.take(peer, service.protocol)
    return caller
  }

  #hangUp(connection: Connection): void {
    if (this.#revoked.has(connection)) return
    this.#revoked.add(connection)
    this.#clock.setTimer(HANG_UP_MS, () => connection.abort(stranger(idOf(connection.remotePeer)))) // the refusal is told first
  }
}

function stranger(peer: PeerId): NetError {
  return new NetError('NOT_PERMITTED', 'this network does not admit the peer', { detail: { peer } })
}

function unreachable(peer: PeerId, error: unknown): NetError {
  return new NetError('PEER_UNREACHABLE', 'the peer broke off the exchange', {
    detail: { peer },
    cause: asError(error)
  })
}
