import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type Identify, identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerId as Libp2pPeerId } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p as create } from 'libp2p'
import { asError, NetError } from '../../base/errors.ts'
import { type PeerId, peerId } from '../../base/ids.ts'
import type { Roster } from '../../base/roles.ts'
import { DIAL_LIMIT_MS } from '../dial-limit.ts'

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
}

const MIB = 1024 * 1024

/** The private DHT, apart from every other libp2p network. */
const DHT_PROTOCOL = '/sfmedir/kad/1.0.0'

/** A started libp2p node. @throws NetError `PORT_IN_USE`, `CONFIG_INVALID` for an address it cannot listen on */
export async function createLibp2p({ seed, roster, listen, dht }: Libp2pInit): Promise<Libp2pNode> {
  if (seed.length !== 32) throw new RangeError(`seed must be 32 bytes, not ${seed.length}`)
  try {
    return await create({
      privateKey: await generateKeyPairFromSeed('Ed25519', seed),
      addresses: { listen: [...listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      // A stream buffers 4 MiB at most, yamux would let a fast sender run 16 MiB ahead: the stream would be reset.
      streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: MIB } })],
      connectionGater: gater(roster),
      connectionManager: {
        maxConnections: 500,
        // Five a second and host is the default: a hospital behind one address is more, a demo on loopback too.
        inboundConnectionThreshold: 200,
        maxIncomingPendingConnections: 200,
        dialTimeout: DIAL_LIMIT_MS,
        reconnectRetries: 1
      },
      services: {
        identify: identify(),
        ping: ping(), // kad-dht asks for a service of exactly this name
        dht: kadDHT({
          protocol: DHT_PROTOCOL,
          allowQueryWithZeroPeers: true, // else a look-up on an empty table waits for a first peer, without end
          clientMode: dht === 'client', // by default a client until a public address is seen
          peerInfoMapper: passthroughMapper // by default private addresses are dropped: an empty table in a hospital
        })
      }
    })
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
function gater(roster: Roster): ConnectionGater {
  const isStranger = (peer: Libp2pPeerId): boolean => roster.member(peer.toString() as PeerId) === undefined // an id by type
  return {
    denyDialMultiaddr: () => false, // by default private addresses are not dialled
    denyDialPeer: isStranger,
    denyInboundEncryptedConnection: isStranger,
    denyOutboundEncryptedConnection: isStranger
  }
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
