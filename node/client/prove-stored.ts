import { ownedImageId, sha256Hex } from '../../base/bytes.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { decodedRecord, tombstoneOf } from '../../indexing/encoded-record.ts'
import type { Stored } from '../../indexing/image-record.ts'
import type { Deletion } from '../../indexing/proof.ts'
import type { DeleteImageAnswer } from '../../protocols/delete-image.ts'
import type { PutImageAnswer } from '../../protocols/put-image.ts'
import { countBeside, countKept } from '../proofs/count-kept.ts'
import { type VerifyPorts, verifyRecord } from '../proofs/verify-record.ts'
import type { StoredImage } from './stored-image.ts'

/**
 * What a master's answer proves of an image: that s different slaves signed for its s shadows, and two masters for its
 * record, or one and each of these slaves for a sealed copy of it. Nothing else that the master says is believed.
 * @throws NetError `PROOF_INVALID` when it proves less, with the reason as its cause
 */
export function proveStored(
  { record: encoded, kept, beside }: PutImageAnswer,
  id: ImageId,
  ports: VerifyPorts
): Pick<StoredImage, 'total' | 'holders' | 'masters' | 'notes'> {
  return asProof(() => {
    const record = decodedRecord(encoded)
    if (record.record.id !== id || record.record.stored === undefined) throw notThis()
    verifyRecord(record, ports)
    const stored: Stored = record.record.stored
    const { placement } = stored
    const { total, holders } = placement
    const notes = beside === undefined ? 0 : countBeside(stored, beside, ports)
    const masters = countKept(sha256Hex(encoded), kept, { ...ports, isBeside: notes === holders.length })
    return { total, holders: holders.map(({ slave }) => slave), masters, notes }
  })
}

/** How many masters an answer proves to know of a deletion. @throws NetError `PROOF_INVALID` when it proves too few */
export function proveDeleted(answer: DeleteImageAnswer, deletion: Deletion, ports: VerifyPorts): number {
  return asProof(() => {
    if (!('kept' in answer)) throw notThis()
    return countKept(sha256Hex(tombstoneOf(deletion).encoded), answer.kept, ports)
  })
}

/** The digest that a master says an owner's image has. @throws NetError `PROOF_INVALID` when it does not give the image's id */
export function proveDigest(answer: DeleteImageAnswer, id: ImageId, owner: PeerId): string {
  if ('digest' in answer && ownedImageId(owner, answer.digest) === id) return answer.digest
  throw notThis()
}

function notThis(): NetError {
  return new NetError('PROOF_INVALID', 'the master answered something else than was asked')
}

function asProof<T>(prove: () => T): T {
  try {
    return prove()
  } catch (cause) {
    if (!isNetError(cause) || cause.code === 'PROOF_INVALID') throw cause
    const message = `the master's proof is not good: ${cause.message}`
    throw new NetError('PROOF_INVALID', message, { detail: { reason: cause.code }, cause })
  }
}
