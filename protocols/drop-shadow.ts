import type { ShadowKey } from '../base/ids.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'
import { bool } from '../codec/shapes.ts'

/** Whether there was anything to drop. */
export interface DropShadowAnswer {
  readonly dropped: boolean
}

/** Master -> slave: forget a shadow. */
export const dropShadow: Protocol<ShadowKey, DropShadowAnswer> = Object.freeze({
  id: '/sfmedir/drop-shadow/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 1000,
  stream: 'shared' as const,
  request: codec(fields(SHADOW_KEY)),
  answer: codec(fields({ dropped: bool }))
})
