import { systemClock } from '../../base/clock.ts'
import type { AnswerWatch } from '../../protocols/answerer.ts'
import { PeerMetrics } from './peer-metrics.ts'
import { type MetricsServer, serveMetrics } from './serve-metrics.ts'

/** A peer's figures over HTTP, and what counts its requests. */
export interface Observed extends MetricsServer {
  readonly watch: AnswerWatch
}

/**
 * Serve the figures of a peer that is about to start, where its configuration says so.
 * @throws NetError `PORT_IN_USE`
 */
export async function observe(config: {
  readonly metrics: string | undefined
  readonly data: string
}): Promise<Observed | undefined> {
  if (config.metrics === undefined) return undefined
  const at = config.metrics.lastIndexOf(':')
  const host = config.metrics.slice(0, at).replace(/^\[|\]$/g, '')
  const port = Number(config.metrics.slice(at + 1))
  const metrics = new PeerMetrics()
  const server = await serveMetrics(metrics, { host, port, data: config.data, clock: systemClock })
  return { ...server, watch: metrics.watch }
}
