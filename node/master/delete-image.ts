import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Member } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { decodeDeletion } from '../../indexing/encode-proof.ts'
import { tombstoneOf } from '../../indexing/encoded-record.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { DeleteImageAnswer, DeleteImageRequest } from '../../protocols/delete-image.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { type DropPorts, dropShadows } from '../placement/slave-calls.ts'
import { verifyDeletion } from '../proofs/verify-proof.ts'
import type { Replicator } from '../replication/replicate.ts'

/** What deleting an image needs. */
export interface DeleteImagePorts extends DropPorts {
  readonly records: RecordStore
  readonly replicator: Replicator
  readonly signer: Signer
  readonly peers: PeerTable
}

/**
 * Delete an image at its owner's wish: a tombstone, which is the owner's signed deletion, at two masters, then its shadows
 * are dropped; those on slaves that are away go when they come back. Final: a tombstone wins over every record of its
 * image. Asking again changes nothing. To sign, an owner needs the image's digest, and may ask for it.
 * @throws NetError `IMAGE_NOT_FOUND`, `NOT_PERMITTED` to all but the owner and for images of version 1, `SIGNATURE_INVALID`,
 *   `NOT_ENOUGH_MASTERS`
 */
export async function deleteStoredImage(
  request: DeleteImageRequest,
  owner: Member,
  ports: DeleteImagePorts & Required<AbortOptions>
): Promise<DeleteImageAnswer> {
  const { signer, records, replicator, signal } = ports
  if ('image' in request) return { digest: ownDigest(await findHeld(request.image, records), owner) }
  const deletion = decodeDeletion(request.deletion)
  if (deletion.owner !== owner.peer) throw new NetError('NOT_PERMITTED', 'only its owner may delete an image')
  verifyDeletion(deletion, signer)
  const { stored } = await findHeld(deletion.id, records)
  if (stored !== undefined) await replicator.checkReach()
  const kept = await replicator.commit(tombstoneOf(deletion), { signal })
  if (stored !== undefined) {
    const { holders, sharing } = stored.placement
    const live = holders.filter(({ slave }) => ports.peers.standing(slave) === 'alive')
    await dropShadows(live, { image: deletion.id, sharing, proof: [request.deletion] }, ports)
  }
  return { kept }
}

async function findHeld(image: ImageId, records: RecordStore): Promise<ImageRecord> {
  const held = await records.get(image)
  if (held !== undefined) return held.record
  throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored')
}

function ownDigest({ format, stored, deletion }: ImageRecord, owner: Member): string {
  const of = stored?.claim ?? deletion
  if (format === 1 || of === undefined) {
    throw new NetError('NOT_PERMITTED', 'an image of version 1 cannot be deleted: its record proves nothing')
  }
  if (of.owner === owner.peer) return of.digest
  throw new NetError('NOT_PERMITTED', 'only its owner may delete an image')
}
