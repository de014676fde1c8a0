import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { Member } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { deletionBytes } from '../../indexing/encode-record.ts'
import { encodedRecord } from '../../indexing/encoded-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { DeleteImageAnswer, DeleteImageRequest } from '../../protocols/delete-image.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { type DropPorts, dropShadows } from '../placement/slave-calls.ts'
import type { Replicator } from '../replication/replicate.ts'
import { signRecord } from '../replication/sign-record.ts'

/** What deleting an image needs. */
export interface DeleteImagePorts extends DropPorts {
  readonly records: RecordStore
  readonly replicator: Replicator
  readonly signer: Signer
  readonly peers: PeerTable
}

/**
 * Delete an image at its owner's wish: a tombstone at two masters, then its shadows are dropped; those on slaves that are
 * away go when they come back. Final: a tombstone wins over every record of its image. Asking again changes nothing.
 * @throws NetError `IMAGE_NOT_FOUND`, `NOT_PERMITTED` to all but the owner, `SIGNATURE_INVALID`, `NOT_ENOUGH_MASTERS`
 */
export async function deleteStoredImage(
  request: DeleteImageRequest,
  owner: Member,
  ports: DeleteImagePorts & Required<AbortOptions>
): Promise<DeleteImageAnswer> {
  const { signer, records, replicator, signal } = ports
  if (!signer.verify(owner.peer, deletionBytes(request), request.ownerSignature)) {
    throw new NetError('SIGNATURE_INVALID', 'the owner did not sign this deletion')
  }
  const held = await records.get(request.image)
  if (held === undefined) throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored')
  if (held.stored === undefined) return { masters: await replicator.commit(encodedRecord(held), { signal }) }
  const { claim, placement } = held.stored
  if (claim.owner !== owner.peer) throw new NetError('NOT_PERMITTED', 'only its owner may delete an image')
  await replicator.checkReach()
  const tombstone = signRecord(request.image, undefined, { previous: held, ...ports })
  const masters = await replicator.commit(tombstone, { signal })
  const live = placement.holders.filter(({ slave }) => ports.peers.standing(slave) === 'alive')
  await dropShadows(live, { image: claim.id, sharing: placement.sharing }, ports)
  return { masters }
}
