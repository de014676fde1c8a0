import { statfs } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { Clock } from '../../base/clock.ts'
import { NetError, systemCode } from '../../base/errors.ts'
import { keptFor } from '../../base/kept-for.ts'
import type { Peer } from '../../node/peer.ts'
import type { Seen } from './gauges.ts'
import type { PeerMetrics } from './peer-metrics.ts'

/** Where and of what figures are served. */
export interface MetricsInit {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Folder of the peer. */
  readonly data: string
  readonly clock: Clock
}

/** A peer's figures over HTTP. */
export interface MetricsServer {
  /** Where, as `http://127.0.0.1:9464`. */
  readonly url: string
  /** Serve this peer's figures from now on; until then it is starting. */
  watchPeer(peer: Peer): void
  close(): Promise<void>
}

const SEEN_MS = 10_000 // a master reads its whole index to say how its images stand
const REQUEST_MS = 5_000

/**
 * Serve `/metrics` (Prometheus), `/livez` (200 while the process answers) and `/readyz` (200 when the peer can serve, else 503 with
 * the reasons). Whoever reaches the port may read them: they name peers and figures, nothing of an image.
 * @throws NetError `PORT_IN_USE`
 */
export async function serveMetrics(metrics: PeerMetrics, init: MetricsInit): Promise<MetricsServer> {
  let peer: Peer | undefined
  const seen = keptFor(SEEN_MS, () => see(peer, init.data), init.clock)
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    void answer(request, response, { metrics, peer, seen })
  })
  await listen(server, init)
  const { port } = server.address() as AddressInfo // it listens on a host and port
  const host = init.host.includes(':') ? `[${init.host}]` : init.host
  return {
    url: `http://${host}:${port}`,
    watchPeer: given => {
      peer = given
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

interface Sources {
  readonly metrics: PeerMetrics
  readonly peer: Peer | undefined
  readonly seen: () => Promise<Seen | undefined>
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  { metrics, peer, seen }: Sources
): Promise<void> {
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void =>
    void response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
  if (method !== 'GET' && method !== 'HEAD') return say(405, 'GET only\n')
  try {
    if (url === '/livez') say(200, 'ok\n')
    else if (url === '/readyz') {
      const reasons = await whyNotReady(peer)
      say(reasons.length === 0 ? 200 : 503, reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`)
    } else if (url === '/metrics') say(200, await metrics.page(peer && (await seen())), metrics.contentType)
    else say(404, '/metrics, /livez, /readyz\n')
  } catch {
    say(500, 'the peer did not tell\n') // it is stopping
  }
}

async function whyNotReady(peer: Peer | undefined): Promise<string[]> {
  if (peer === undefined) return ['the peer is starting']
  const { checks } = await peer.health()
  return checks.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`)
}

async function see(peer: Peer | undefined, data: string): Promise<Seen | undefined> {
  if (peer === undefined) return undefined
  const [health, { bavail, bsize }] = await Promise.all([peer.health(), statfs(data)])
  const status = peer.roles.includes('master') ? await peer.master.status() : undefined
  return { ...health, status, diskFreeBytes: bavail * bsize }
}

async function listen(server: Server, { host, port }: MetricsInit): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const reason = systemCode(cause) ?? 'unknown'
    throw new NetError('PORT_IN_USE', `the metrics cannot listen on ${host} port ${port} (${reason})`, { cause })
  }
}
