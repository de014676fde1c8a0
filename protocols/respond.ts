import { abortReason, type Clock, deadline } from '../base/clock.ts'
import { NetError } from '../base/errors.ts'
import type { Member } from '../base/roles.ts'
import { partsOf } from '../codec/codec.ts'
import type { Handler, Protocol } from './network.ts'

/** A protocol together with who answers it, its types no longer needed. */
export interface Served {
  readonly protocol: Protocol<unknown, unknown>
  /** Decode, let the handler answer within the time limit, encode in parts. @throws whatever went wrong */
  respond(request: Uint8Array, caller: Member, signal: AbortSignal): Promise<Uint8Array[]>
}

/** Join a protocol and its handler. */
export function served<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>, clock: Clock): Served {
  return {
    protocol: protocol as unknown as Protocol<unknown, unknown>, // `respond` below keeps Q and A together
    respond: async (bytes, caller, parent) => {
      const request = protocol.request.decode(bytes)
      const limit = deadline(clock, protocol.timeoutMs, { signal: parent })
      try {
        const answer = await within(handler(request, caller, { signal: limit.signal }), limit.signal)
        return encodeAnswer(protocol, answer)
      } finally {
        limit.clear()
      }
    }
  }
}

/** @throws NetError `NOT_PERMITTED` unless the peer is a member with a role that may call the protocol */
export function checkCaller(
  caller: Member | undefined,
  protocol: Protocol<never, never> | Protocol<unknown, unknown>
): Member {
  if (caller === undefined) throw new NetError('NOT_PERMITTED', 'this network does not admit the caller')
  if (!caller.roles.some(role => protocol.callers.includes(role))) {
    throw new NetError('NOT_PERMITTED', `${protocol.id} may be called by ${protocol.callers.join(', ')} only`)
  }
  return caller
}

function encodeAnswer<Q, A>(protocol: Protocol<Q, A>, answer: A): Uint8Array[] {
  const parts = partsOf(protocol.answer, answer)
  const bytes = lengthOf(parts)
  if (bytes > protocol.maxAnswerBytes) throw tooLarge(bytes, protocol.maxAnswerBytes)
  return parts
}

/** How many bytes these parts are together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

// A handler that hangs and ignores its signal must not keep the caller waiting.
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** A message that is refused for its size, before it is sent or by its header, unread. */
export function tooLarge(bytes: number, maxBytes: number): NetError {
  const message = `a message of ${bytes} bytes, where ${maxBytes} are allowed`
  return new NetError('MESSAGE_TOO_LARGE', message, { detail: { bytes, maxBytes } })
}
