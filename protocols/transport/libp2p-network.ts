import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { concat } from 'uint8arrays/concat'
import { type AbortOptions, abortReason, type Clock, deadline } from '../../base/clock.ts'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import { partsOf } from '../../codec/codec.ts'
import { answerMany } from './answer-many.ts'
import { type Libp2pNode, idOf } from './create-libp2p.ts'
import { Answerer, type AnswererInit, type Arrived } from '../answerer.ts'
import { checkSize, lengthOf } from '../message-size.ts'
import type { Handler, Network, Protocol } from '../network.ts'
import type { Lanes } from './lanes.ts'
import { openStream } from './open-stream.ts'
import { OwnLanes } from './own-lanes.ts'
import { type Answer, answerInTurn } from './request-response.ts'
import { SharedLane } from './shared-lane.ts'
import { WireStream } from './wire-stream.ts'

/** How a {@link Libp2pNetwork} guards itself. */
export interface Libp2pNetworkInit extends AnswererInit {
  /** Longest silence within a message, in ms. */
  stallMs?: number
}

/** What a {@link Libp2pNetwork} stands on. */
export interface Libp2pNetworkComponents {
  readonly node: Libp2pNode
  readonly roster: Roster
  readonly clock: Clock
}

const STALL_MS = 10_000 // a TCP connection that loses packets for this long is as good as gone
const MAX_OWN_STREAMS = 32 // of one connection; libp2p resets one more without a word
const MAX_SHARED_STREAMS = 4
const HANG_UP_MS = 250

/** The {@link Network} over libp2p: TCP, noise, yamux. */
export class Libp2pNetwork implements Network {
  readonly self: PeerId
  readonly #node: Libp2pNode
  readonly #roster: Roster
  readonly #clock: Clock
  readonly #stallMs: number
  readonly #answerer: Answerer
  readonly #lanes = new Map<string, Lanes>() // by peer and protocol: members are few
  readonly #revoked = new WeakSet<Connection>()

  constructor({ node, roster, clock }: Libp2pNetworkComponents, init: Libp2pNetworkInit = {}) {
    this.self = idOf(node.peerId)
    this.#node = node
    this.#roster = roster
    this.#clock = clock
    this.#stallMs = init.stallMs ?? STALL_MS
    this.#answerer = new Answerer({ roster, clock }, init)
  }

  async request<Q, A>(peer: PeerId, protocol: Protocol<Q, A>, request: Q, options?: AbortOptions): Promise<A> {
    const bytes = partsOf(protocol.request, request)
    checkSize(lengthOf(bytes), protocol.maxRequestBytes)
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
    this.#answerer.handle(protocol, handler)
    const streams = protocol.stream === 'own' ? MAX_OWN_STREAMS : MAX_SHARED_STREAMS
    void this.#node.handle(protocol.id, (stream, connection) => this.#answer(protocol, stream, connection), {
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
    for (const lanes of this.#lanes.values()) lanes.clear()
    this.#lanes.clear()
  }

  async #ask<Q, A>(
    peer: PeerId,
    protocol: Protocol<Q, A>,
    { bytes, signal }: { bytes: readonly Uint8Array[]; signal: AbortSignal }
  ): Promise<Uint8Array> {
    if (peer === this.self) return await this.#askSelf(protocol.id, bytes, signal)
    if (this.#roster.member(peer) === undefined) throw stranger(peer)
    return await this.#lanesTo(peer, protocol).ask(bytes, signal)
  }

  #lanesTo<Q, A>(peer: PeerId, { id, stream, maxAnswerBytes }: Protocol<Q, A>): Lanes {
    const name = `${peer} ${id}`
    const known = this.#lanes.get(name)
    if (known !== undefined) return known
    const open = async (signal: AbortSignal): Promise<WireStream> => {
      const opened = await openStream(this.#node, peerIdFromString(peer), { id, clock: this.#clock, signal })
      return new WireStream(opened, this.#clock)
    }
    const init = { open, maxAnswerBytes, stallMs: this.#stallMs, clock: this.#clock }
    const lanes = stream === 'own' ? new OwnLanes(init) : new SharedLane(init)
    this.#lanes.set(name, lanes)
    return lanes
  }

  async #askSelf(id: string, parts: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    const read: Arrived['read'] = async reserve => {
      reserve(lengthOf(parts))
      return concat([...parts])
    }
    const arrived = { caller: this.self, id, bytes: lengthOf(parts), read }
    try {
      const answered = await this.#answerer.answer(arrived, { signal })
      answered.giveBack()
      return concat(answered.parts)
    } catch (error) {
      throw isNetError(error) ? error : new NetError('INTERNAL', 'a handler failed', { cause: error })
    }
  }

  #answer<Q, A>(
    { id, stream, maxRequestBytes, timeoutMs }: Protocol<Q, A>,
    from: Stream,
    connection: Connection
  ): Promise<void> {
    const wire = new WireStream(from, this.#clock)
    const caller = idOf(connection.remotePeer)
    const answer: Answer = (request, options) => {
      // Who was removed from the roster may still have its connection open: cutting it is left to the network.
      if (this.#roster.member(caller) === undefined) this.#hangUp(connection)
      return this.#answerer.answer({ caller, id, ...request }, options)
    }
    const init = { answer, maxRequestBytes, stallMs: this.#stallMs, limitMs: timeoutMs }
    return stream === 'own' ? answerInTurn(wire, init) : answerMany(wire, init)
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
