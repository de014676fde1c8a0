import type { ImageId, PeerId, ShadowKey } from '../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { ENVELOPE_BYTES, MAX_ITEMS } from './limits.ts'
import type { Protocol } from './network.ts'
import { SHADOW_KEY } from './shadow-key.ts'
import { digest, image, instant, listOf, peer, whole } from '../codec/shapes.ts'

/** Which shadows to list: of one image, or the next `limit` after a key. */
export interface ListShadowsRequest {
  readonly image?: ImageId
  readonly after?: ShadowKey
  /** 1 to 1000. */
  readonly limit: number
}

/** What a slave says of one shadow it keeps. */
export interface ListedShadow extends ShadowKey {
  readonly bytes: number
  /** Root of the Merkle tree over the shadow, hex; its SHA-256 where no master is given. */
  readonly digest: string
  /** Of its origin, the time of the claim, the counter and the master that put it; 0 and none where the slave does not know. */
  readonly asked: number
  readonly counter: number
  readonly master?: PeerId
  /** SHA-256 of the sealed record that lies beside it, hex; none where none does. */
  readonly record?: string
}

/** Entries in key order; fewer than asked for means there are no more. */
export interface ListShadowsAnswer {
  readonly entries: readonly ListedShadow[]
}

const entry = fields({
  ...SHADOW_KEY,
  bytes: whole(0, MAX_SHADOW_BYTES),
  digest,
  asked: instant,
  counter: whole(),
  master: optional(peer),
  record: optional(digest)
})

/** Master -> slave: what it holds. */
export const listShadows: Protocol<ListShadowsRequest, ListShadowsAnswer> = Object.freeze({
  id: '/sfmedir/list-shadows/2.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_ITEMS * 320 + ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 200,
  stream: 'shared' as const,
  request: codec(fields({ image: optional(image), after: optional(fields(SHADOW_KEY)), limit: whole(1, MAX_ITEMS) })),
  answer: codec(fields({ entries: listOf(entry, MAX_ITEMS) }))
})
