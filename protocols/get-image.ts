import type { ImageId, PeerId } from '../base/ids.ts'
import { MAX_ENCRYPTED_BYTES } from '../base/limits.ts'
import { codec } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bytes, image, peer } from '../codec/shapes.ts'

/** Which image an owner or user wants back. */
export interface GetImageRequest {
  readonly image: ImageId
}

/** EI, rebuilt from shadows. The caller checks its SHA-256, with the owner, against the id. */
export interface GetImageAnswer {
  readonly owner: PeerId
  readonly encrypted: Uint8Array
}

/** Owner, user -> master: rebuild an encrypted image and send it (secure retrieval phase). */
export const getImage: Protocol<GetImageRequest, GetImageAnswer> = Object.freeze({
  id: '/sfmedir/get-image/2.0.0',
  callers: Object.freeze(['owner', 'user'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: MAX_ENCRYPTED_BYTES + ENVELOPE_BYTES,
  timeoutMs: 300_000, // gathered, rebuilt, then 256 MiB at 1 MiB/s
  ratePerSecond: 50,
  stream: 'own' as const,
  request: codec(fields({ image })),
  answer: codec(fields({ owner: peer, encrypted: bytes(1, MAX_ENCRYPTED_BYTES) }))
})
