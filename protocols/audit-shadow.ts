import type { ShadowKey } from '../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../base/limits.ts'
import { LEAF_BYTES, leafCount, type MerkleLeaf } from '../base/merkle-tree.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { bytes, listOf, whole } from '../codec/shapes.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'

/** Which leaves of a shadow a slave has to show. The caller draws them anew each time: whoever can foresee them keeps no more than them. */
export interface AuditShadowRequest extends ShadowKey {
  /** Indices of leaves of its Merkle tree. */
  readonly leaves: readonly number[]
}

/** The leaves asked for, in that order, each with its way to the root. */
export interface AuditShadowAnswer {
  readonly leaves: readonly MerkleLeaf[]
}

// Most leaves of one audit.
const MAX_LEAVES = 8
const MAX_PATH = 24 // a tree over 257 MiB is 17 levels high
const HASH_BYTES = 32

/** Master -> slave: show that you still have a shadow. `SHADOW_MISSING` and `SHADOW_CORRUPT` say that it has not. */
export const auditShadow: Protocol<AuditShadowRequest, AuditShadowAnswer> = Object.freeze({
  id: '/sfmedir/audit-shadow/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_LEAVES * (LEAF_BYTES + MAX_PATH * (HASH_BYTES + 2)) + ENVELOPE_BYTES,
  timeoutMs: 30_000, // the slave reads all of the shadow, two at a time
  ratePerSecond: 100,
  stream: 'shared' as const,
  request: codec(fields({ ...SHADOW_KEY, leaves: listOf(whole(0, leafCount(MAX_SHADOW_BYTES) - 1), MAX_LEAVES, 1) })),
  answer: codec(
    fields({
      leaves: listOf(
        fields({ leaf: bytes(1, LEAF_BYTES), path: listOf(bytes(HASH_BYTES, HASH_BYTES), MAX_PATH) }),
        MAX_LEAVES,
        1
      )
    })
  )
})
