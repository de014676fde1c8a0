import type { PeerId } from '../base/ids.ts'
import { MAX_ENCRYPTED_BYTES, MAX_RECORD_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { KEPT, MAX_KEPT } from './kept.ts'
import { ENVELOPE_BYTES, MAX_CLAIM_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bytes, digest, listOf, peer } from '../codec/shapes.ts'

/** An owner hands an encrypted image to a master. */
export interface PutImageRequest {
  /** The owner's signed ImageClaim, encoded. */
  readonly claim: Uint8Array
  /** EI; the claim's digest is its SHA-256. */
  readonly encrypted: Uint8Array
}

/** What slaves signed of a sealed record, so that each keeps the same beside its shadow. */
export interface Beside {
  /** SHA-256 of the sealed record, hex. */
  readonly digest: string
  readonly notes: readonly { readonly slave: PeerId; readonly signature: Uint8Array }[]
}

/** Proof that it is stored, sent once the shadows and the record are on stable storage. Never says r. */
export interface PutImageAnswer {
  /** The encoded record, with the receipts of the slaves that hold the shadows. */
  readonly record: Uint8Array
  /** Who signed that it keeps the record, the answering master among them. */
  readonly kept: readonly { readonly master: PeerId; readonly signature: Uint8Array }[]
  /** Where no second master keeps it: the notes of the holders. */
  readonly beside?: Beside
}

const MAX_NOTES = 255 // a shadow's number is a byte
const beside = fields({
  digest,
  notes: listOf(fields({ slave: peer, signature: bytes(64, 64) }), MAX_NOTES)
})

/** Owner -> master: store an encrypted image (secure storage phase). The same image again is acknowledged anew. */
export const putImage: Protocol<PutImageRequest, PutImageAnswer> = Object.freeze({
  id: '/sfmedir/put-image/2.0.0',
  callers: Object.freeze(['owner'] as const),
  maxRequestBytes: MAX_ENCRYPTED_BYTES + MAX_CLAIM_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: MAX_RECORD_BYTES + (MAX_KEPT + MAX_NOTES) * 192 + ENVELOPE_BYTES,
  timeoutMs: 300_000, // 256 MiB at 1 MiB/s, then split and placed
  ratePerSecond: 50,
  stream: 'own' as const,
  request: codec(fields({ claim: bytes(1, MAX_CLAIM_BYTES), encrypted: bytes(1, MAX_ENCRYPTED_BYTES) })),
  answer: codec(fields({ record: bytes(1, MAX_RECORD_BYTES), kept: KEPT, beside: optional(beside) }))
})
