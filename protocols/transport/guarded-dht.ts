import type { Connection, Stream, StreamHandler } from '@libp2p/interface'
import { type KadDHT, type KadDHTComponents, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import type { Clock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import { checkSize } from '../message-size.ts'
import { RateLimiter } from '../rate-limiter.ts'
import { Frames } from './frames.ts'
import { roleOfKey } from './rendezvous.ts'
import { withMethods } from './with-methods.ts'

/** What a DHT of this network stands on. */
export interface GuardedDhtInit {
  readonly roster: Roster
  readonly clock: Clock
  /** Servers hold the DHT (masters, slaves); clients only ask it (owners, users). */
  readonly mode: 'server' | 'client'
}

const MINUTE_MS = 60_000
/** The private DHT, apart from every other libp2p network. */
const DHT_PROTOCOL = '/sfmedir/kad/1.0.0'
const ASKING = { id: DHT_PROTOCOL, ratePerSecond: 100 } // a look-up among 20 peers asks each of them once or twice
const MAX_REQUEST_BYTES = 4 * 1024 // a key, and a provider's addresses
const MAX_ANSWER_BYTES = 64 * 1024 // 20 peers and the providers of a role, with their addresses

/**
 * kad-dht, kept to what this network uses of it: members provide the keys of roles that the roster gives them, and find
 * each other. Other keys, other providers and values are refused; requests are bounded and rated as those of any protocol.
 */
export function guardedDht({ roster, clock, mode }: GuardedDhtInit): (components: KadDHTComponents) => KadDHT {
  const limiter = new RateLimiter(clock)
  const init = {
    protocol: DHT_PROTOCOL,
    allowQueryWithZeroPeers: true, // else a look-up on an empty table waits for a first peer, without end
    clientMode: mode === 'client', // by default a client until a public address is seen
    peerInfoMapper: passthroughMapper, // by default private addresses are dropped: an empty table in a hospital
    reprovide: { validity: 120 * MINUTE_MS, threshold: 60 * MINUTE_MS, interval: 10 * MINUTE_MS } // who lives announces every 10 min
  }
  return components => {
    const { registrar, connectionManager, datastore } = components
    const guards = {
      datastore: withMethods(datastore, {
        put: (key, value, options) => {
          checkEntry(key.toString(), roster)
          return datastore.put(key, value, options)
        }
      }),
      registrar: withMethods(registrar, {
        handle: (id, handler, options) => registrar.handle(id, guarded(handler, roster, limiter), options)
      }),
      connectionManager: withMethods(connectionManager, {
        openStream: async (peer, id, options) => {
          const stream = await connectionManager.openStream(peer, id, options)
          watch(stream, bytes => checkSize(bytes, MAX_ANSWER_BYTES))
          return stream
        }
      })
    }
    return kadDHT(init)(withMethods(components, guards))
  }
}

// `/dht/provider/<key>/<peer>`: by whatever way it came here, a hostile peer's message or this peer's own wish.
function checkEntry(entry: string, roster: Roster): void {
  const [, , kind, name, peer] = entry.split('/')
  const role = kind === 'provider' ? roleOfKey(name) : undefined
  if (role !== undefined && roster.member(peer as PeerId)?.roles.includes(role)) return // by type: a name nobody has is no member's
  throw new NetError('NOT_PERMITTED', 'the DHT keeps nothing but who carries a role', { detail: { kind } })
}

function guarded(handler: StreamHandler, roster: Roster, limiter: RateLimiter): StreamHandler {
  return (stream: Stream, connection: Connection) => {
    const caller = connection.remotePeer.toString() as PeerId // an id by type
    watch(stream, bytes => {
      if (roster.member(caller) === undefined)
        throw new NetError('NOT_PERMITTED', 'this network does not admit the caller')
      limiter.take(caller, ASKING)
      checkSize(bytes, MAX_REQUEST_BYTES)
    })
    return handler(stream, connection)
  }
}

/** Have `check` see each message's length before its body is read; what it throws breaks the stream off. */
function watch(stream: Stream, check: (bytes: number) => void): void {
  const frames = new Frames(check)
  stream.addEventListener('message', ({ data }) => {
    try {
      for (const part of data instanceof Uint8Array ? [data] : data) frames.take(part)
    } catch (error) {
      stream.abort(error as Error) // a NetError: nothing else is thrown here
    }
  })
}
