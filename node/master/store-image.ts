import type { AbortOptions } from '../../base/clock.ts'
import { sha256Hex } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import type { Member } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import type { CodeSpace } from '../../hashing/hash-code.ts'
import { decodeClaim } from '../../indexing/encode-record.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'
import type { PutImageAnswer, PutImageRequest } from '../../protocols/put-image.ts'
import { FIRST_COUNTER, type PlaceImagePorts, placeImage } from '../placement/place-image.ts'
import type { OwnerQuota } from './owner-quota.ts'
import { type KeepRecordPorts, keepRecord } from './keep-record.ts'
import { signRecord } from '../replication/sign-record.ts'
import { verifyClaim } from '../proofs/verify-record.ts'

/** What storing an image needs beside its placing. */
export interface StoreImagePorts extends PlaceImagePorts, KeepRecordPorts {
  readonly signer: Signer
  readonly quota: OwnerQuota
}

/**
 * Read an owner's request and check all that can be checked; codes must be of `space`, or of any when it is undefined.
 * @throws NetError saying what is wrong with it
 */
export function checkPutImage(
  request: PutImageRequest,
  owner: Member,
  { signer, space }: { readonly signer: Signer; readonly space: CodeSpace | undefined }
): ImageClaim {
  const claim = decodeClaim(request.claim)
  if (claim.owner !== owner.peer) throw new NetError('NOT_PERMITTED', 'the claim is of another owner than the caller')
  if (claim.master !== signer.self) throw new NetError('NOT_PERMITTED', 'the claim asks another master, or none')
  if (claim.size !== request.encrypted.length || claim.digest !== sha256Hex(request.encrypted)) {
    throw new NetError('IMAGE_CORRUPT', 'the encrypted image is not the one that the claim names')
  }
  verifyClaim(claim, signer)
  if (space === undefined) return claim
  if (claim.space.model !== space.model || claim.space.view !== space.view) {
    throw new NetError('MODEL_MISMATCH', 'the code was made by another model or view than this index keeps')
  }
  if (claim.space.bits !== space.bits) {
    throw new NetError('CODE_LENGTH_MISMATCH', `a code of ${claim.space.bits} bits, this index keeps ${space.bits}`, {
      detail: { bits: claim.space.bits, need: space.bits }
    })
  }
  return claim
}

/**
 * Split an encrypted image into shadows, place them on slaves, and keep its record at two masters, or at this one and sealed
 * on each of these slaves (secure storage phase, Alg. 2). What is stored already is acknowledged anew; on failure nothing stays behind, except what a master that went
 * silent in the middle may have kept: shadows of that are collected as orphans.
 * @throws NetError `NOT_ENOUGH_SLAVES`, `NOT_ENOUGH_MASTERS`, `QUOTA_EXCEEDED`, `NOT_PERMITTED` when the image was deleted
 */
export async function storeImage(
  claim: ImageClaim,
  encrypted: Uint8Array,
  ports: StoreImagePorts & Required<AbortOptions>
): Promise<PutImageAnswer> {
  const held = await ports.records.get(claim.id)
  if (held !== undefined) return acknowledgeAnew(held, ports)
  return ports.quota.spend(claim, () => storeNew(claim, encrypted, ports))
}

async function storeNew(
  claim: ImageClaim,
  encrypted: Uint8Array,
  ports: StoreImagePorts & Required<AbortOptions>
): Promise<PutImageAnswer> {
  const placement = await placeImage({ claim, encrypted, counter: FIRST_COUNTER }, ports)
  const record = signRecord({ claim, placement, counter: FIRST_COUNTER }, ports)
  const origin = { asked: claim.time, counter: FIRST_COUNTER, master: ports.signer.self }
  const given = { image: claim.id, sharing: placement.sharing, origin }
  try {
    const answer = await keepRecord(record, ports)
    await ports.abandoned.end(given)
    return answer
  } catch (error) {
    // Unsure: what this or another master may have kept stays until the reconciling knows what all of them have.
    if ((await ports.records.get(claim.id).catch(() => undefined)) !== undefined) await ports.abandoned.end(given)
    else ports.abandoned.note(given, ports.clock.monotonic())
    throw error
  }
}

async function acknowledgeAnew(held: EncodedRecord, ports: KeepRecordPorts & AbortOptions): Promise<PutImageAnswer> {
  if (held.record.stored === undefined) {
    throw new NetError(
      'NOT_PERMITTED',
      'this encrypted image was deleted, and deletion is final: encrypt the image anew'
    )
  }
  return await keepRecord(held, ports) // the first try may have died half-way
}
