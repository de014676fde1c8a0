import { type AbortOptions, type Clock, deadline } from '../base/clock.ts'
import { type ErrorCode, isNetError, NetError } from '../base/errors.ts'
import { FairBudget } from '../base/fair-budget.ts'
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
  /**
   * Bytes of requests and answers that one caller may have in hand while nobody else has any; all together half as much
   * again (`FairBudget`). What only masters may call has as much of its own.
   */
  maxInboundBytes?: number
  /** Told of every request once its answer is made, or refused. */
  watch?: AnswerWatch
}

/** What came of a request: the protocol's id, `OK` or the code that the caller got, and how long it took, ms. */
export type AnswerWatch = (protocol: string, outcome: 'OK' | ErrorCode, ms: number) => void

const ANSWERER_DEFAULTS = Object.freeze({
  maxInboundBytes: 320 * 1024 * 1024 // an image of the largest size and thousands of the usual
}) satisfies AnswererInit

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
  /**
   * Read the message: called once, if the header is let in. It calls `reserve` for memory before it takes it, as the bytes
   * arrive, and passes on what that throws.
   */
  read(reserve: (bytes: number) => void): Promise<Uint8Array>
}

/** An answer to be written. */
export interface Answered {
  readonly parts: Uint8Array[]
  /** To be called once it has left, or cannot. */
  giveBack(): void
}

/** A protocol with its handler, their types forgotten: bytes go in and come out through the protocol's own codecs. */
interface Served {
  readonly protocol: Protocol<unknown, unknown>
  readonly handler: Handler<unknown, unknown>
}

/**
 * The answering end of every network: what reaches a peer passes the same checks in the same order, whatever carried it.
 * The header alone decides about caller, rate, size and whether there is room. Rate comes before size, so that each request
 * of a member costs it a token, however bad it is; room comes after them, and is taken as the bytes come and kept until
 * the answer has left, since that is what others feel.
 */
export class Answerer {
  readonly #roster: Roster
  readonly #clock: Clock
  readonly #limiter: RateLimiter
  readonly #budgets: { readonly masters: FairBudget; readonly members: FairBudget }
  readonly #served = new Map<string, Served>()
  readonly #watch: AnswerWatch | undefined

  constructor({ roster, clock }: AnswererComponents, init: AnswererInit = {}) {
    this.#roster = roster
    this.#clock = clock
    this.#limiter = new RateLimiter(clock)
    const { watch, ...limits } = init
    const { maxInboundBytes } = withDefaults(ANSWERER_DEFAULTS, limits)
    this.#watch = watch
    this.#budgets = { masters: new FairBudget(maxInboundBytes), members: new FairBudget(maxInboundBytes) }
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
  async answer(arrived: Arrived, options?: AbortOptions): Promise<Answered> {
    const served = this.#served.get(arrived.id)
    if (served === undefined) throw new NetError('PROTOCOL_UNSUPPORTED', `this peer does not answer ${arrived.id}`)
    const began = this.#clock.monotonic()
    const tell = (outcome: 'OK' | ErrorCode): void =>
      this.#watch?.(arrived.id, outcome, this.#clock.monotonic() - began)
    try {
      const answered = await this.#answer(arrived, served, options)
      tell('OK')
      return answered
    } catch (error) {
      tell(isNetError(error) ? error.code : 'INTERNAL')
      throw error
    }
  }

  async #answer({ caller, bytes, read }: Arrived, served: Served, options?: AbortOptions): Promise<Answered> {
    const { protocol } = served
    const member = checkCaller(this.#roster.member(caller), protocol)
    this.#limiter.take(caller, protocol)
    checkSize(bytes, protocol.maxRequestBytes)
    const budget = isForMasters(protocol) ? this.#budgets.masters : this.#budgets.members
    budget.check(caller, bytes) // none of it is taken yet: a header costs nobody its room
    const holding = budget.open(caller)
    try {
      const request = protocol.request.decode(await read(holding.take))
      const parts = partsOf(protocol.answer, await this.#inTime(served, { request, member }, options))
      const length = lengthOf(parts)
      checkSize(length, protocol.maxAnswerBytes)
      holding.giveBack()
      holding.take(length) // until it has left: who asks and does not read pays with its own share
      return { parts, giveBack: holding.giveBack }
    } catch (error) {
      holding.giveBack()
      throw error
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

// Placing, gathering and exchanging records go on while clients have all of their share in hand.
function isForMasters({ callers }: Protocol<unknown, unknown>): boolean {
  return callers.every(role => role === 'master')
}

function checkCaller(caller: Member | undefined, { id, callers }: Protocol<unknown, unknown>): Member {
  if (caller === undefined) throw new NetError('NOT_PERMITTED', 'this network does not admit the caller')
  if (!caller.roles.some(role => callers.includes(role))) {
    throw new NetError('NOT_PERMITTED', `${id} may be called by ${callers.join(', ')} only`)
  }
  return caller
}
