import type { AbortOptions } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { FairBudget } from '../../base/fair-budget.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Member } from '../../base/roles.ts'
import type { Stored } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { GetImageAnswer, GetImageRequest } from '../../protocols/get-image.ts'
import { rebuildImage, type RebuildPorts } from '../placement/rebuild-image.ts'

/** What giving an image back needs. */
export interface GiveImagePorts extends RebuildPorts {
  readonly records: RecordStore
  readonly budget: FairBudget
}

/**
 * Rebuild an image for a caller (secure retrieval phase). When its shadows are gone because it was shared anew in that very
 * moment, it is rebuilt from the new ones.
 * @throws NetError `IMAGE_NOT_FOUND`, `NOT_ENOUGH_SHADOWS`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`, `BUSY`
 */
export async function giveImage(
  { image }: GetImageRequest,
  { peer }: Member,
  ports: GiveImagePorts & Required<AbortOptions>
): Promise<GetImageAnswer> {
  const stored = await find(image, ports)
  const { owner, size } = stored.claim
  const encrypted = await ports.budget.spend(peer, size, async () => {
    try {
      return await rebuildImage(stored, ports)
    } catch (error) {
      if (!isNetError(error, 'NOT_ENOUGH_SHADOWS')) throw error
      const now = await find(image, ports)
      if (now.placement.sharing === stored.placement.sharing) throw error
      return rebuildImage(now, ports)
    }
  })
  return { owner, encrypted }
}

async function find(image: ImageId, { records }: Pick<GiveImagePorts, 'records'>): Promise<Stored> {
  const stored = (await records.get(image))?.record.stored
  if (stored !== undefined) return stored
  throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored', { detail: { image } })
}
