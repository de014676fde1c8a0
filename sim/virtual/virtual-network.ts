import { concat } from 'uint8arrays/concat'
import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { type Arrived, Answerer, type AnswererInit } from '../../protocols/answerer.ts'
import { checkSize } from '../../protocols/message-size.ts'
import type { Handler, Network, Protocol } from '../../protocols/network.ts'
import { decodeFailure, encodeFailure } from '../../protocols/status.ts'
import { Call, type Outcome } from './call.ts'
import type { Connection, End, Sent } from './connection.ts'
import { Connections, type PeerListener } from './connections.ts'
import type { Internet } from './internet.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a fault makes of an answer on its way out. */
export type Tamper = (protocol: string, answer: Uint8Array) => Uint8Array

/** What a {@link VirtualNetwork} is made of. */
export interface VirtualNetworkInit extends AnswererInit {
  readonly clock: VirtualClock
}

/** One life of a peer on the virtual internet, behind the same port as libp2p. Bytes pass through the real codecs. */
export class VirtualNetwork implements Network, End {
  readonly self: PeerId
  readonly clock: VirtualClock
  readonly connections: Connections
  /** Set by a fault: what this peer answers instead of the truth. */
  tamper: Tamper | undefined
  readonly #internet: Internet
  readonly #answerer: Answerer
  /** Calls that wait, with the connection that each went over once it is on its way. */
  readonly #calls = new Map<Call, Connection | undefined>()
  #alive = true
  #asleep: (() => void)[] | undefined

  constructor(internet: Internet, self: PeerId, { clock, ...init }: VirtualNetworkInit) {
    this.#internet = internet
    this.#answerer = new Answerer({ roster: internet.roster, clock }, init)
    this.self = self
    this.clock = clock
    this.connections = new Connections(internet, this)
    internet.plug(this)
  }

  get alive(): boolean {
    return this.#alive
  }

  get frozen(): boolean {
    return this.#asleep !== undefined
  }

  async request<Q, A>(peer: PeerId, protocol: Protocol<Q, A>, request: Q, options: AbortOptions = {}): Promise<A> {
    if (options.signal?.aborted) throw abortReason(options.signal)
    const bytes = protocol.request.encode(request).slice() // the receiver must not see later changes
    checkSize(bytes.length, protocol.maxRequestBytes)
    // The codecs stay with the protocol, so its types may be forgotten on the way.
    const wire = protocol as unknown as Protocol<unknown, unknown>
    const onEnd = (ended: Call): boolean => this.#calls.delete(ended)
    const call = new Call({ peer, protocol: wire, clock: this.clock, signal: options.signal, onEnd })
    this.#calls.set(call, undefined)
    const open = this.connections.get(peer)
    if (open !== undefined) this.#post(open, { protocol: wire, bytes, call })
    else {
      this.connections.dial(peer).then(
        connection => this.#post(connection, { protocol: wire, bytes, call }),
        error => call.settle(error)
      )
    }
    const answer = await call.answer
    checkSize(answer.length, protocol.maxAnswerBytes)
    return protocol.answer.decode(answer)
  }

  handle<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>): void {
    this.#answerer.handle(protocol, handler)
  }

  connected(): PeerId[] {
    return this.connections.peers()
  }

  onPeer(listener: PeerListener): () => void {
    return this.connections.listen(listener)
  }

  /** End this life: connections break at both ends. A killed process's own promises never settle. */
  close(): void {
    if (!this.#alive) return
    this.#alive = false
    this.#internet.unplug(this)
    for (const call of [...this.#calls.keys()]) call.abandon()
    this.connections.breakAll()
  }

  /** Stop taking messages (SIGSTOP). Others notice by silence. */
  freeze(): void {
    this.#asleep ??= []
    this.connections.noticeSilence()
  }

  /** Go on: what arrived meanwhile is taken now, in order. */
  thaw(): void {
    const asleep = this.#asleep ?? []
    this.#asleep = undefined
    for (const action of asleep) this.#internet.loop.after(0, () => this.whenAwake(action))
  }

  whenAwake(action: () => void): void {
    if (!this.#alive) return
    if (this.#asleep === undefined) action()
    else this.#asleep.push(action)
  }

  loseCalls(connection: Connection): void {
    for (const [call, over] of [...this.#calls]) {
      if (over === connection) call.settle(new NetError('PEER_UNREACHABLE', 'the connection was lost'))
    }
  }

  #post(connection: Connection, sent: Sent): void {
    const { random, link, log, loop } = this.#internet
    const { protocol, bytes, call } = sent
    if (!call.open) return
    this.#calls.set(call, connection)
    log.note(`${loop.now} ${this.self} > ${call.peer} ${protocol.id} ${bytes.length}`)
    const copies = link.duplication > 0 && random.unit() < link.duplication ? 2 : 1
    const ordered = protocol.stream === 'shared'
    for (let copy = 0; copy < copies; copy++) {
      const arrive = (to: End): void => void to.receive(connection, sent)
      this.#internet.send({ from: this, connection, bytes: bytes.length, ordered, arrive })
    }
  }

  async receive(connection: Connection, { protocol, bytes, call }: Sent): Promise<void> {
    const { id, stream } = protocol
    const caller = connection.ends[connection.ends[0] === this ? 1 : 0].self
    const gone = new AbortController()
    call.onGiveUp = () => {
      const delayMs = this.#internet.delay(caller, this.self, 0)
      const reason = new NetError('REQUEST_ABORTED', 'the caller gave up')
      this.#internet.loop.after(delayMs, () => this.whenAwake(() => gone.abort(reason)))
    }
    const read: Arrived['read'] = async reserve => {
      reserve(bytes.length)
      return bytes
    }
    const outcome = await this.#answer({ caller, id, bytes: bytes.length, read }, gone.signal)
    call.onGiveUp = undefined
    if (!this.#alive || !connection.open) return
    const [size, told] = outcome instanceof NetError ? [0, outcome.code] : [outcome.length, outcome.length]
    const { log, loop } = this.#internet
    log.note(`${loop.now} ${this.self} < ${caller} ${id} ${told}`)
    const ordered = stream === 'shared'
    this.#internet.send({ from: this, connection, bytes: size, ordered, arrive: () => call.settle(outcome) })
  }

  async #answer(arrived: Arrived, signal: AbortSignal): Promise<Outcome> {
    try {
      const { parts, giveBack } = await this.#answerer.answer(arrived, { signal })
      giveBack() // nobody reads slowly here
      const answer = concat(parts)
      return this.tamper?.(arrived.id, answer) ?? answer
    } catch (error) {
      const { status, body } = encodeFailure(error) // as it would travel
      return decodeFailure(status, body)
    }
  }
}
