import type { ShadowKey } from '../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'
import { bytes, instant, whole } from '../codec/shapes.ts'

/** A shadow Sh_i for a slave to keep. */
export interface PutShadowRequest extends ShadowKey {
  /** The time of the claim that is stored. */
  readonly asked: number
  /** The counter of the record that will name it: 1 for a first placement. */
  readonly counter: number
  readonly shadow: Uint8Array
}

/** The slave's word that the shadow is on stable storage. */
export interface PutShadowAnswer {
  /** Ed25519 by the slave over the `Receipt` of this shadow, put by the caller. */
  readonly receipt: Uint8Array
}

/** Master -> slave: keep a shadow. The same bytes again are receipted again and change nothing. */
export const putShadow: Protocol<PutShadowRequest, PutShadowAnswer> = Object.freeze({
  id: '/sfmedir/put-shadow/2.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: MAX_SHADOW_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 120_000, // 257 MiB at 2 MiB/s
  ratePerSecond: 1000,
  stream: 'own' as const,
  request: codec(fields({ ...SHADOW_KEY, asked: instant, counter: whole(1), shadow: bytes(1, MAX_SHADOW_BYTES) })),
  answer: codec(fields({ receipt: bytes(64, 64) }))
})
