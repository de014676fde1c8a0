import type { ShadowKey } from '../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'
import { bytes } from '../codec/shapes.ts'

/** A shadow Sh_i for a slave to keep. */
export interface PutShadowRequest extends ShadowKey {
  readonly shadow: Uint8Array
}

/** Nothing but the fact that the shadow is on stable storage. */
export type PutShadowAnswer = Readonly<Record<never, never>>

/** Master -> slave: keep a shadow. The same bytes again are acknowledged and change nothing. */
export const putShadow: Protocol<PutShadowRequest, PutShadowAnswer> = Object.freeze({
  id: '/sfmedir/put-shadow/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_SHADOW_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 120_000, // 257 MiB at 2 MiB/s
  ratePerSecond: 1000,
  stream: 'own' as const,
  request: codec(fields({ ...SHADOW_KEY, shadow: bytes(1, MAX_SHADOW_BYTES) })),
  answer: codec(fields({}))
})
