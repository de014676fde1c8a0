import { DIAL_LIMIT_MS } from '../../protocols/dial-limit.ts'

/** How messages travel between two peers. */
export interface LinkConditions {
  /** One way, in ms. */
  readonly latencyMs: number
  /** Added to the latency, drawn evenly from 0 to this, in ms. */
  readonly jitterMs: number
  /** What a sender's uplink carries, bytes per second; its messages queue for it. */
  readonly bytesPerSecond: number
  /** Probability that a message is lost and sent again: it comes late, as over TCP. A cut swallows messages for good. */
  readonly loss: number
  /** Probability that a request arrives twice. */
  readonly duplication: number
  /** Probability that a message overtakes or falls behind others, by up to ten latencies. */
  readonly reordering: number
}

/** Two hospitals in one country over a good line: 8 to 12 ms and 1 Gbit/s, nothing lost. */
export const LINK_DEFAULTS: LinkConditions = Object.freeze({
  latencyMs: 8,
  jitterMs: 4,
  bytesPerSecond: 125_000_000,
  loss: 0,
  duplication: 0,
  reordering: 0
})

/** Times that a virtual network takes to notice things, as libp2p 3 was measured to do. */
export const NOTICE_DEFAULTS = Object.freeze({
  dialTimeoutMs: DIAL_LIMIT_MS,
  keepAliveMs: 14_400 // a silent connection is given up after this: 10 s ping and its time-out
})
