import type { PeerId } from '../base/ids.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { listOf, peer, whole } from '../codec/shapes.ts'
import type { Protocol } from './network.ts'

/** Most peers of one question. */
export const MAX_SILENT = 256

/** Whom the caller has not heard for long. */
export interface PeerSilenceRequest {
  /** 1 to 256. */
  readonly peers: readonly PeerId[]
}

/** How the answering master hears them. */
export interface PeerSilenceAnswer {
  /** For each peer, in order: since when it has not answered, in ms; 0 for one that answered when it was last asked. */
  readonly silentMs: readonly number[]
}

const PEER_BYTES = 64 // base58, and its length

/** Master -> master: do you hear these peers? */
export const peerSilence: Protocol<PeerSilenceRequest, PeerSilenceAnswer> = Object.freeze({
  id: '/sfmedir/peer-silence/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_SILENT * PEER_BYTES,
  maxAnswerBytes: MAX_SILENT * PEER_BYTES,
  timeoutMs: 5_000,
  ratePerSecond: 20,
  stream: 'shared' as const,
  request: codec(fields({ peers: listOf(peer, MAX_SILENT, 1) })),
  answer: codec(fields({ silentMs: listOf(whole(), MAX_SILENT) }))
})
