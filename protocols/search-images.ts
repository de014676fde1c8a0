import { codec, invalid } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { ENVELOPE_BYTES, MAX_CLAIM_BYTES, MAX_ITEMS } from './limits.ts'
import type { Protocol } from './network.ts'
import { bytes, checked, listOf, text, whole } from '../codec/shapes.ts'

/** A trapdoor H_q and how many of the nearest images are wanted. */
export interface SearchImagesRequest {
  /** The masked code, `bits` / 8 bytes. */
  readonly code: Uint8Array
  /** Digest of the model file, hex. */
  readonly model: string
  /** Digest of the view recipe, hex. */
  readonly view: string
  /** l: 8 to 256, a multiple of 8. */
  readonly bits: number
  /** 1 to 1000. */
  readonly k: number
  /** So many of the nearest are left out before: a further page of the same ranking. None when left out. */
  readonly skip?: number
}

/** One image near to the trapdoor. */
export interface SearchResult {
  /** The owner's encoded, signed claim: it has the image's id, code, size, metadata and owner. */
  readonly claim: Uint8Array
  /** Hamming distance in bits; the caller computes it again from the claim's code. */
  readonly distance: number
}

/** The nearest images, nearest first, and how many were ranked. */
export interface SearchImagesAnswer {
  readonly results: readonly SearchResult[]
  /** Stored images of the trapdoor's code space. */
  readonly stored: number
  /** Per mille of the index that the answering master has, by what others say; left out when it has all of it. */
  readonly coverage?: number
}

const hexDigest = checked(text(2, 64), value => {
  if (!/^(?:[0-9a-f]{2})+$/.test(value)) throw invalid('a digest is lower-case hex')
  return value
})
const query = fields({
  code: bytes(1, 32),
  model: hexDigest,
  view: hexDigest,
  bits: whole(8, 256),
  k: whole(1, MAX_ITEMS),
  skip: optional(whole(0, 9 * MAX_ITEMS))
})
const result = fields({ claim: bytes(1, MAX_CLAIM_BYTES), distance: whole(0, 256) })

/** Owner, user -> master: the k stored images nearest to a trapdoor (SimImgSearch). */
export const searchImages: Protocol<SearchImagesRequest, SearchImagesAnswer> = Object.freeze({
  id: '/sfmedir/search-images/2.0.0',
  callers: Object.freeze(['owner', 'user'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_ITEMS * (MAX_CLAIM_BYTES + 32) + ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 1000, // one front end asks for many doctors; a core answers about as many for k = 10
  stream: 'shared' as const,
  request: codec(
    checked(query, value => {
      if (value.code.length * 8 !== value.bits) throw invalid('a code that has not its length')
      return value
    })
  ),
  answer: codec(fields({ results: listOf(result, MAX_ITEMS), stored: whole(), coverage: optional(whole(0, 999)) }))
})
