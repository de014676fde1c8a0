import { ByteBudget } from '../base/byte-budget.ts'
import { type AbortOptions, type Clock, deadline } from '../base/clock.ts'
import { NetError } from '../base/errors.ts'
import type { PeerId } from '../base/ids.ts'
import { withDefaults } from '../base/options.ts'
import type { Member, Roster } from '../base/roles.ts'
import { withSignal } from '../base/with-signal.ts'
import { partsOf } from '../codec/codec.ts'
import { checkSize, lengthOf } from './message-size.ts'
import type { Handler, Protocol } from './network.ts'
import { RateLimiter } from './rate-limiter.ts'

/** How an {@link Answerer} guards its peer. */
export interface AnswererInit {
  /** Bytes of requests in hand at a time, over all callers. */
  maxInboundBytes?: number
}

const ANSWERER_DEFAULTS = Object.freeze({
  maxInboundBytes: 1024 * 1024 * 1024 // four images of the largest size, thousands of the usual
}) satisfies Required<AnswererInit>

/** What an {@link Answerer} stands on. */
export interface AnswererComponents {
  readonly roster: Roster
  readonly clock: Clock
}

/** A request of which only the header has been read. */
export interface Arrived {
  readonly caller: PeerId
  /** Of the protocol. */
  readonly id: string
  /** Length of the message. */
  readonly bytes: number
  /** Read the message: called once, if the header is let in. */
  read(): Promise<Uint8Array>
}

/** A protocol with its handler, their types forgotten: bytes go in and come out through the protocol's own codecs. */
interface Served {
  readonly protocol: Protocol<unknown, unknown>
  readonly handler: Handler<unknown, unknown>
}

/**
 * The answering end of every network: what reaches a peer passes the same checks in the same order, whatever carried it.
 * The header alone decides about caller, rate, size and room. Rate comes before size, so that each request of a member
 * costs it a token, however bad it is; room comes after them, since taking it is what others feel.
 */
export class Answerer {
  readonly #roster: Roster
  readonly #clock: Clock
  readonly #limiter: RateLimiter
  readonly #budget: ByteBudget
  readonly #served = new Map<string, Served>()

  constructor({ roster, clock }: AnswererComponents, init: AnswererInit = {}) {
    this.#roster = roster
    this.#clock = clock
    this.#limiter = new RateLimiter(clock)
    this.#budget = new ByteBudget(withDefaults<Required<AnswererInit>>(ANSWERER_DEFAULTS, init).maxInboundBytes)
  }

  /** Answer a protocol from now on. @throws TypeError when it has a handler already */
  handle<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>): void {
    if (this.#served.has(protocol.id)) throw new TypeError(`protocol ${protocol.id} has a handler already`)
    this.#served.set(protocol.id, { protocol, handler } as unknown as Served) // the codecs keep Q and A together
  }

  /**
   * Judge, read, decode, let the handler answer within the time limit, encode in parts.
   * @throws NetError `PROTOCOL_UNSUPPORTED`, `NOT_PERMITTED`, `RATE_LIMITED`, `MESSAGE_TOO_LARGE`, `BUSY`, `MESSAGE_INVALID`,
   *   `REQUEST_TIMEOUT`, the signal's reason; or whatever reading or the handler throws
   */
  async answer({ caller, id, bytes, read }: Arrived, options?: AbortOptions): Promise<Uint8Array[]> {
    const served = this.#served.get(id)
    if (served === undefined) throw new NetError('PROTOCOL_UNSUPPORTED', `this peer does not answer ${id}`)
    const { protocol } = served
    const member = checkCaller(this.#roster.member(caller), protocol)
    this.#limiter.take(caller, protocol)
    checkSize(bytes, protocol.maxRequestBytes)
    const giveBack = this.#budget.take(bytes)
    try {
      const request = protocol.request.decode(await read())
      const answer = partsOf(protocol.answer, await this.#inTime(served, { request, member }, options))
      checkSize(lengthOf(answer), protocol.maxAnswerBytes)
      return answer
    } finally {
      giveBack()
    }
  }

  // A handler that hangs and ignores its signal must not keep the caller waiting.
  async #inTime(
    { protocol, handler }: Served,
    { request, member }: { request: unknown; member: Member },
    options?: AbortOptions
  ): Promise<unknown> {
    const limit = deadline(this.#clock, protocol.timeoutMs, options)
    try {
      return await withSignal(handler(request, member, { signal: limit.signal }), limit.signal)
    } finally {
      limit.clear()
    }
  }
}

function checkCaller(caller: Member | undefined, { id, callers }: Protocol<unknown, unknown>): Member {
  if (caller === undefined) throw new NetError('NOT_PERMITTED', 'this network does not admit the caller')
  if (!caller.roles.some(role => callers.includes(role))) {
    throw new NetError('NOT_PERMITTED', `${id} may be called by ${callers.join(', ')} only`)
  }
  return caller
}
