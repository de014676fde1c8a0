import type { ShadowKey } from '../base/ids.ts'
import { MAX_RECORD_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'
import { bool, bytes, listOf } from '../codec/shapes.ts'

/** Which shadow, and why it may go. */
export interface DropShadowRequest extends ShadowKey {
  /**
   * What proves that nobody needs it: the image's encoded deletion, an encoded record of a later sharing, or encoded aborts
   * of this sharing.
   */
  readonly proof: readonly Uint8Array[]
}

/** Whether there was anything to drop. */
export interface DropShadowAnswer {
  readonly dropped: boolean
}

const MAX_PROOFS = 64 // aborts, one a master

/** Master -> slave: forget a shadow, for a reason that the slave can check. */
export const dropShadow: Protocol<DropShadowRequest, DropShadowAnswer> = Object.freeze({
  id: '/sfmedir/drop-shadow/2.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_RECORD_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 1000,
  stream: 'shared' as const,
  request: codec(fields({ ...SHADOW_KEY, proof: listOf(bytes(1, MAX_RECORD_BYTES), MAX_PROOFS, 1) })),
  answer: codec(fields({ dropped: bool }))
})
