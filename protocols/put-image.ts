import type { PeerId } from '../base/ids.ts'
import { MAX_ENCRYPTED_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES, MAX_CLAIM_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bytes, listOf, peer, whole } from '../codec/shapes.ts'

/** An owner hands an encrypted image to a master. */
export interface PutImageRequest {
  /** The owner's signed ImageClaim, encoded. */
  readonly claim: Uint8Array
  /** EI; the claim's image id is its SHA-256. */
  readonly encrypted: Uint8Array
}

/** Where it lies now; sent once the shadows and the record are on stable storage. Never says r. */
export interface PutImageAnswer {
  /** s: how many shadows were made. */
  readonly total: number
  readonly holders: readonly PeerId[]
  /** Masters that hold the record. */
  readonly masters: number
}

/** Owner -> master: store an encrypted image (secure storage phase). The same image again is acknowledged anew. */
export const putImage: Protocol<PutImageRequest, PutImageAnswer> = Object.freeze({
  id: '/sfmedir/put-image/1.0.0',
  callers: Object.freeze(['owner'] as const),
  maxRequestBytes: MAX_ENCRYPTED_BYTES + MAX_CLAIM_BYTES + ENVELOPE_BYTES,
  maxAnswerBytes: 32 * 1024, // 255 holders
  timeoutMs: 300_000, // 256 MiB at 1 MiB/s, then split and placed
  ratePerSecond: 50,
  stream: 'own' as const,
  request: codec(fields({ claim: bytes(1, MAX_CLAIM_BYTES), encrypted: bytes(1, MAX_ENCRYPTED_BYTES) })),
  answer: codec(fields({ total: whole(1, 255), holders: listOf(peer, 255), masters: whole(1, 10_000) }))
})
