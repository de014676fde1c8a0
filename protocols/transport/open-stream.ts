import type { Connection, PeerId as Libp2pPeerId, Stream } from '@libp2p/interface'
import { type Clock, deadline, sleep } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import { withSignal } from '../../base/with-signal.ts'
import type { Libp2pNode } from './create-libp2p.ts'

const OPEN_MS = 10_000 // a hung peer still accepts TCP; libp2p's own limits end as late or never
const FRESH_MS = 2_000
const INCOMING_MS = 500
const SECOND_LOOK_MS = 150 // a peer that is stopping no longer listens by then

interface Wait {
  readonly clock: Clock
  readonly signal: AbortSignal
}

const proven = new WeakSet<Connection>()

/**
 * A new stream of one protocol to a peer, over its connection or a new one.
 * @throws NetError `PEER_UNREACHABLE`, `PROTOCOL_UNSUPPORTED`, `NOT_PERMITTED` when a gater refuses, ours or by all signs
 *   the peer's, `BUSY`
 */
export async function openStream(
  node: Libp2pNode,
  peer: Libp2pPeerId,
  { id, clock, signal: parent }: Wait & { id: string }
): Promise<Stream> {
  const limit = deadline(clock, OPEN_MS, { signal: parent })
  try {
    const connection = await connectionTo(node, peer, { clock, signal: limit.signal })
    try {
      return await newStream(connection, id, limit.signal)
    } catch (error) {
      if (isFinal(error) || limit.signal.aborted) throw error
      connection.abort(asError(error))
      return await openAgain(node, peer, { id, clock, signal: limit.signal, refusal: isRefusal(connection, clock) })
    }
  } catch (error) {
    throw openError(peer, asError(error), id)
  } finally {
    limit.clear()
  }
}

// The connection was dead and nobody had noticed, or its peer is stopping, or does not admit us: a second one tells.
async function openAgain(
  node: Libp2pNode,
  peer: Libp2pPeerId,
  { id, clock, signal, refusal }: Wait & { id: string; refusal: boolean }
): Promise<Stream> {
  if (refusal) await sleep(clock, SECOND_LOOK_MS, { signal })
  const connection = await node.dial(peer, { signal })
  try {
    return await newStream(connection, id, signal)
  } catch (error) {
    if (refusal && !isFinal(error) && !signal.aborted && isRefusal(connection, clock)) throw refused(peer, error)
    throw error
  }
}

// The peer may be dialling us at this moment: its connection shows here only when upgraded, and its address is
// known only after that. Whichever connection comes first will do; without an address its is waited for a little.
async function connectionTo(node: Libp2pNode, peer: Libp2pPeerId, { clock, signal }: Wait): Promise<Connection> {
  const open = node.getConnections(peer).find(({ status }) => status === 'open')
  if (open !== undefined) return open
  const incoming = Promise.withResolvers<Connection>()
  const onOpen = ({ detail }: CustomEvent<Connection>): void => {
    if (detail.remotePeer.equals(peer)) incoming.resolve(detail)
  }
  node.addEventListener('connection:open', onOpen)
  try {
    return await Promise.race([incoming.promise, dial(node, peer, signal)])
  } catch (error) {
    if (asError(error).name !== 'NoValidAddressesError') throw error
    const limit = deadline(clock, INCOMING_MS, { signal })
    try {
      return await withSignal(incoming.promise, limit.signal)
    } catch {
      throw error
    } finally {
      limit.clear()
    }
  } finally {
    node.removeEventListener('connection:open', onOpen)
  }
}

// libp2p shares a dial that has begun. When it fails, as one does that was lost in a cut that has since healed, it says
// nothing of the line as it is now: once more.
async function dial(node: Libp2pNode, peer: Libp2pPeerId, signal: AbortSignal): Promise<Connection> {
  const shared = node.getDialQueue().some(({ peerId }) => peerId?.equals(peer) === true)
  try {
    return await node.dial(peer, { signal })
  } catch (error) {
    if (!shared || signal.aborted) throw error
    return await node.dial(peer, { signal })
  }
}

async function newStream(connection: Connection, id: string, signal: AbortSignal): Promise<Stream> {
  const stream = await connection.newStream(id, { signal })
  proven.add(connection)
  return stream
}

// A peer that does not admit us closes the connection just after it opened, before any protocol spoke.
function isRefusal(connection: Connection, clock: Clock): boolean {
  return !proven.has(connection) && clock.now() - connection.timeline.open < FRESH_MS
}

function isFinal(error: unknown): boolean {
  const { name } = asError(error)
  return name === 'UnsupportedProtocolError' || name === 'TooManyOutboundProtocolStreamsError'
}

function refused(peer: Libp2pPeerId, cause: unknown): NetError {
  const message = 'the peer closed the connection at once, as one does that does not admit this peer'
  return new NetError('NOT_PERMITTED', message, { detail: { peer: peer.toString() }, cause })
}

function openError(peer: Libp2pPeerId, error: Error, id: string): NetError {
  if (error instanceof NetError && error.code !== 'REQUEST_TIMEOUT') return error
  const detail = { peer: peer.toString(), protocol: id }
  switch (error.name) {
    case 'UnsupportedProtocolError':
      return new NetError('PROTOCOL_UNSUPPORTED', `the peer does not speak ${id}`, { detail, cause: error })
    case 'DialDeniedError':
      return new NetError('NOT_PERMITTED', 'this network does not admit the peer', { detail, cause: error })
    case 'TooManyOutboundProtocolStreamsError':
      return new NetError('BUSY', 'too many streams to the peer', { detail, cause: error })
    default:
      return new NetError('PEER_UNREACHABLE', 'the peer cannot be reached', { detail, cause: error })
  }
}
