import { Server, Socket } from 'node:net'
import type { Listener, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { type TCPComponents, tcp } from '@libp2p/tcp'
import type { Door } from './door.ts'

const BACKLOG = 1024 // a full one costs a member a second: its first packet is dropped

/** libp2p's TCP transport with a {@link Door}, before libp2p sees a socket and around the upgrade of what comes in. */
export function guardedTcp(door: Door): (components: TCPComponents) => Transport {
  return components => {
    const transport = tcp({ backlog: BACKLOG })(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = options => {
      const listener = createListener({ ...options, upgrader: guarded(door, options.upgrader) })
      standBefore(listener, door)
      return listener
    }
    return transport
  }
}

function standBefore(listener: Listener, door: Door): void {
  const server = serverOf(listener)
  const onSockets = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    door.knock(socket, () => {
      for (const onSocket of onSockets) onSocket.call(server, socket)
    })
  })
  const close = listener.close.bind(listener)
  listener.close = async () => {
    const closed = close() // from here on nobody is let in
    door.clear()
    await closed
  }
}

function guarded(door: Door, upgrader: Upgrader): Upgrader {
  const upgradeInbound: Upgrader['upgradeInbound'] = (connection, options) =>
    door.handshake(socketOf(connection), () => upgrader.upgradeInbound(connection, options))
  return Object.assign(Object.create(upgrader) as Upgrader, { upgradeInbound })
}

// libp2p's TCP listener has its server and its connections their sockets, but their types do not say so.
function serverOf(listener: Listener): Server {
  if ('server' in listener && listener.server instanceof Server) return listener.server
  throw new TypeError('listener must be one of the TCP transport')
}

function socketOf(connection: MultiaddrConnection): Socket {
  if ('socket' in connection && connection.socket instanceof Socket) return connection.socket
  throw new TypeError('connection must be one of the TCP transport')
}
