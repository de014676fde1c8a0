import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type Identify, identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { createLibp2p as create } from 'libp2p'
import { type Clock, systemClock } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import { type PeerId, peerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import { DIAL_LIMIT_MS } from '../dial-limit.ts'
import { Door, HANDSHAKE_MS } from './door.ts'
import { guardPeerStore } from './guard-peer-store.ts'
import { guardedDht } from './guarded-dht.ts'
import { guardedTcp } from './guarded-tcp.ts'

/** A libp2p node with what this network uses of it. */
export type Libp2pNode = Libp2p<{ identify: Identify; ping: Ping; dht: KadDHT }>

/** What a node is made of. */
export interface Libp2pInit {
  /** Ed25519 seed, 32 bytes: the peer's identity. */
  readonly seed: Uint8Array
  readonly roster: Roster
  /** Multiaddrs to listen on (`/ip4/0.0.0.0/tcp/4001`); none for a peer that only dials. */
  readonly listen: readonly string[]
  /** Servers hold the DHT (masters, slaves); clients only ask it (owners, users). */
  readonly dht: 'server' | 'client'
  /** The machine's unless told otherwise. */
  readonly clock?: Clock
  /** What stands before its ports; one that is open and knows nobody unless told otherwise. */
  readonly door?: Door
  /** Told of each stranger that dialled and was turned away. */
  readonly refused?: (peer: PeerId) => void
}

const MIB = 1024 * 1024
const MAX_CONNECTIONS = 500
const MAX_PER_MEMBER = 8 // two that dial each other at once have two; after a cut some lie there dead for a while

/** A started libp2p node. @throws NetError `PORT_IN_USE`, `CONFIG_INVALID` for an address it cannot listen on */
export async function createLibp2p(init: Libp2pInit): Promise<Libp2pNode> {
  const { seed, roster, listen, dht, clock = systemClock, door = openDoor(clock), refused } = init
  if (seed.length !== 32) throw new RangeError(`seed must be 32 bytes, not ${seed.length}`)
  try {
    const node = await create({
      start: false,
      privateKey: await generateKeyPairFromSeed('Ed25519', seed),
      addresses: { listen: [...listen] },
      transports: [guardedTcp(door)],
      connectionEncrypters: [noise()],
      // A stream buffers 4 MiB at most, yamux would let a fast sender run 16 MiB ahead: the stream would be reset.
      streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: MIB } })],
      connectionGater: gater(roster, refused),
      connectionManager: {
        maxConnections: MAX_CONNECTIONS,
        // Five a second and host is the default: a hospital behind one address is more, a demo on loopback too. Counted are
        // those that the door has let in, and so is how many are pending.
        inboundConnectionThreshold: 200,
        maxIncomingPendingConnections: MAX_CONNECTIONS,
        inboundUpgradeTimeout: HANDSHAKE_MS,
        dialTimeout: DIAL_LIMIT_MS,
        reconnectRetries: 1
      },
      services: {
        identify: identify(),
        ping: ping(), // kad-dht asks for a service of exactly this name
        dht: guardedDht({ roster, clock, mode: dht })
      }
    })
    guardPeerStore(node.peerStore, { self: node.peerId, roster })
    limitPerMember(node)
    await node.start()
    return node
  } catch (error) {
    throw listenError(asError(error), listen)
  }
}

/** A peer's name as the branded text. */
export function idOf(peer: Libp2pPeerId): PeerId {
  return peerId(peer.toString())
}

// By peer id, not by address: that is what noise proves. A denied dialler sees its dial succeed, then the connection
// close. Who leaves the roster keeps the connections it has: the network asks the roster again at every request.
function gater(roster: Roster, refused: Libp2pInit['refused']): ConnectionGater {
  const isStranger = (peer: Libp2pPeerId): boolean => roster.member(peer.toString() as PeerId) === undefined // an id by type
  return {
    denyDialMultiaddr: () => false, // by default private addresses are not dialled
    denyDialPeer: isStranger,
    denyInboundEncryptedConnection: peer => {
      const deny = isStranger(peer)
      if (deny) refused?.(idOf(peer))
      return deny
    },
    denyOutboundEncryptedConnection: isStranger
  }
}

function openDoor(clock: Clock): Door {
  const door = new Door({ clock, isKnown: () => false })
  door.open()
  return door
}

// A member that opens one connection after the other closes its own oldest, and takes nobody else's place.
function limitPerMember(node: Libp2pNode): void {
  node.addEventListener('connection:open', ({ detail }) => {
    const open = node.getConnections(detail.remotePeer)
    if (open.length <= MAX_PER_MEMBER) return
    const [oldest] = open.toSorted((a, b) => a.timeline.open - b.timeline.open)
    oldest.abort(new NetError('BUSY', `more than ${MAX_PER_MEMBER} connections of one peer`))
  })
}

function listenError(error: Error, listen: readonly string[]): Error {
  const story = storyOf(error)
  if (/EADDRINUSE/.test(story)) {
    return new NetError('PORT_IN_USE', `another process listens on ${listen.join(' or ')}`, { cause: error })
  }
  if (/EADDRNOTAVAIL|EACCES|UnsupportedListenAddress|InvalidMultiaddr|Could not listen/i.test(story)) {
    return new NetError('CONFIG_INVALID', `cannot listen on ${listen.join(' or ')}`, { cause: error })
  }
  return error
}

// What went wrong with a socket stands in causes and sums of errors.
function storyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors : []
  return [error.name, error.message, ...[error.cause, ...inner].filter(Boolean).map(storyOf)].join(' ')
}
