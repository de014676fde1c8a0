import type { Clock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Member, Roster } from '../../base/roles.ts'
import type { Handler, Protocol } from '../../protocols/network.ts'
import type { RateLimit } from './rate-limit.ts'

/** A protocol with the handler that answers it, its types forgotten: bytes go in and come out through its codecs. */
export interface Registration {
  readonly protocol: Protocol<unknown, unknown>
  readonly handler: Handler<unknown, unknown>
}

/** What the answering end needs to judge a request. */
export interface AnswerContext {
  readonly roster: Roster
  readonly clock: Clock
  readonly limit: RateLimit
}

/** A request as it arrived. */
export interface Arrived {
  readonly caller: PeerId
  readonly bytes: Uint8Array
  /** Gives the handler its signal: made only when asked for, since few handlers do. */
  readonly signal: () => AbortSignal
}

/**
 * Check a request as the real network does (caller, size, rate, form), let its handler answer, and encode the answer.
 * @throws NetError whose code goes back to the caller
 */
export async function answerRequest(
  { protocol, handler }: Registration,
  context: AnswerContext,
  { caller, bytes, signal }: Arrived
): Promise<Uint8Array> {
  const member = admitted(protocol, context.roster, caller)
  if (bytes.length > protocol.maxRequestBytes) {
    throw new NetError('MESSAGE_TOO_LARGE', `a request is larger than ${protocol.maxRequestBytes} bytes`)
  }
  if (!context.limit.take(`${protocol.id} ${caller}`, protocol.ratePerSecond, context.clock.now())) {
    throw new NetError('RATE_LIMITED', `more than ${protocol.ratePerSecond} requests a second`)
  }
  const request = protocol.request.decode(bytes)
  const options = {
    get signal(): AbortSignal {
      return signal()
    }
  }
  const answer = protocol.answer.encode(await handler(request, member, options))
  if (answer.length > protocol.maxAnswerBytes) {
    throw new NetError('MESSAGE_TOO_LARGE', `an answer is larger than ${protocol.maxAnswerBytes} bytes`)
  }
  return answer
}

function admitted(protocol: Protocol<unknown, unknown>, roster: Roster, caller: PeerId): Member {
  const member = roster.member(caller)
  if (member === undefined || !member.roles.some(role => protocol.callers.includes(role))) {
    throw new NetError('NOT_PERMITTED', `the caller may not use ${protocol.id}`)
  }
  return member
}
