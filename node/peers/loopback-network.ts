import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import type { Handler, Network, Protocol } from '../../protocols/network.ts'

/**
 * A network through which a peer with several roles can also ask itself: no peer dials itself, but the master of a
 * process may place a shadow on the slave beside it.
 */
export function loopbackNetwork(network: Network, roster: Roster): Network {
  // Keyed by protocol id, so question and answer types agree though the map cannot say so.
  const handlers = new Map<string, Handler<unknown, unknown>>()
  return {
    self: network.self,
    connected: () => network.connected(),
    onPeer: listener => network.onPeer(listener),
    handle<Q, A>(protocol: Protocol<Q, A>, handler: Handler<Q, A>): void {
      handlers.set(protocol.id, handler as Handler<unknown, unknown>)
      network.handle(protocol, handler)
    },
    async request<Q, A>(peer: PeerId, protocol: Protocol<Q, A>, request: Q, options: AbortOptions = {}): Promise<A> {
      if (peer !== network.self) return network.request(peer, protocol, request, options)
      const caller = roster.member(peer)
      const handler = handlers.get(protocol.id)
      if (handler === undefined) throw new NetError('PROTOCOL_UNSUPPORTED', `this peer does not answer ${protocol.id}`)
      if (!caller?.roles.some(role => protocol.callers.includes(role))) {
        throw new NetError('NOT_PERMITTED', `this peer may not call ${protocol.id}`)
      }
      if (options.signal?.aborted) throw abortReason(options.signal)
      const signal = options.signal ?? new AbortController().signal
      return (await handler(request, caller, { signal })) as A
    }
  }
}
