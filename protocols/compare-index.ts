import type { ImageId } from '../base/ids.ts'
import { DIGEST_BYTES, DIGEST_FAN_OUT, DIGEST_NODES, MAX_RECORD_BYTES } from '../base/limits.ts'
import { codec, eitherCodec } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { bytes, image, listOf, whole } from '../codec/shapes.ts'
import { MAX_ITEMS, MAX_RECORDS_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'

/** Most nodes of one request: a whole level but the last. */
export const MAX_NODES = 256
/** Most ranges of one request. */
export const MAX_RANGES = 256
/** Most records that the caller names in one range. */
const MAX_HELD = 2000

/** Inner nodes of the tree of digests whose children are asked for. */
export interface CompareNodes {
  readonly nodes: readonly number[]
}

/** A stretch of image ids, and all that the caller holds in it. */
export interface ComparedRange {
  /** The stretch begins behind this one; with the first image when left out. */
  readonly after?: ImageId
  /** It ends with this one. */
  readonly upTo: ImageId
  /** In the order of ids. */
  readonly held: readonly { readonly id: ImageId; readonly digest: Uint8Array }[]
}

/** Stretches of which the caller asks for all that it does not hold; in the order of ids, none over another. */
export interface CompareRanges {
  readonly ranges: readonly ComparedRange[]
}

/** The sender's tree, and its place in time. */
export interface NodesAnswer {
  /** Of the sender's sequence of changes. */
  readonly incarnation: Uint8Array
  /** Sequence of its last change. */
  readonly last: number
  /** For each node asked for, the digests of its 16 children. */
  readonly children: readonly Uint8Array[]
}

/** What the sender holds in the ranges and the caller does not, or otherwise. */
export interface RangesAnswer {
  /** Encoded ImageRecords in the order of ids. */
  readonly records: readonly Uint8Array[]
  /** Up to where: ask again behind it. To the end of the ranges when left out. */
  readonly reached?: ImageId
}

/** Ask for digests, or for records. */
export type CompareIndexRequest = CompareNodes | CompareRanges
/** To nodes, {@link NodesAnswer}; to ranges, {@link RangesAnswer}. */
export type CompareIndexAnswer = NodesAnswer | RangesAnswer

const digest = bytes(DIGEST_BYTES, DIGEST_BYTES)
const children = bytes(DIGEST_FAN_OUT * DIGEST_BYTES, DIGEST_FAN_OUT * DIGEST_BYTES)
const range = fields({
  after: optional(image),
  upTo: image,
  held: listOf(fields({ id: image, digest }), MAX_HELD)
})

/** Master <-> master: find what two indexes hold differently. */
export const compareIndex: Protocol<CompareIndexRequest, CompareIndexAnswer> = Object.freeze({
  id: '/sfmedir/compare-index/1.0.0',
  callers: Object.freeze(['master'] as const),
  maxRequestBytes: 1024 * 1024,
  maxAnswerBytes: MAX_RECORDS_BYTES,
  timeoutMs: 30_000,
  ratePerSecond: 200,
  stream: 'own' as const,
  request: eitherCodec<CompareNodes, CompareRanges>(
    codec(fields({ nodes: listOf(whole(0, DIGEST_NODES - 1), MAX_NODES, 1) })),
    codec(fields({ ranges: listOf(range, MAX_RANGES, 1) })),
    value => 'nodes' in value
  ),
  answer: eitherCodec<NodesAnswer, RangesAnswer>(
    codec(fields({ incarnation: bytes(16, 16), last: whole(), children: listOf(children, MAX_NODES, 1) })),
    codec(fields({ records: listOf(bytes(1, MAX_RECORD_BYTES), MAX_ITEMS), reached: optional(image) })),
    value => 'children' in value
  )
})
