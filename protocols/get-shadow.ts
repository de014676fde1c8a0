import type { ShadowKey } from '../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'
import { bytes } from '../codec/shapes.ts'

/** The shadow as it was put. The master checks its digest and its MAC. */
export interface GetShadowAnswer {
  readonly shadow: Uint8Array
}

/** Master -> slave: give a shadow back. */
export const getShadow: Protocol<ShadowKey, GetShadowAnswer> = Object.freeze({
  id: '/sfmedir/get-shadow/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_SHADOW_BYTES + ENVELOPE_BYTES,
  timeoutMs: 120_000, // 257 MiB at 2 MiB/s
  ratePerSecond: 1000,
  stream: 'own' as const,
  request: codec(fields(SHADOW_KEY)),
  answer: codec(fields({ shadow: bytes(1, MAX_SHADOW_BYTES) }))
})
