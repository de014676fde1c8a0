import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { type ImageId, imageId } from '../../base/ids.ts'
import { listRecords } from '../../protocols/list-records.ts'
import { type ListedImage, type ListPorts, readListed } from './list-images.ts'

/** One stored image, as its owner's claim has it. @throws NetError `IMAGE_NOT_FOUND` when no master that answers has it */
export async function describeImage(ports: ListPorts, id: ImageId, options: AbortOptions = {}): Promise<ListedImage> {
  const request = { after: idBefore(id), limit: 1 }
  const { records } = await ports.ask(async (master, { signal }) => {
    const answer = await ports.network.request(master, listRecords, request, { signal })
    const [record] = answer.records
    if (record !== undefined && readListed(record, ports)?.id === id) return answer
    throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored', { detail: { image: id } })
  }, options)
  const image = readListed(records[0], ports)
  if (image === undefined) throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored', { detail: { image: id } })
  return image
}

/** The id after which this one is the next; undefined for the first of all. */
function idBefore(id: ImageId): ImageId | undefined {
  const number = BigInt(`0x${id}`)
  return number === 0n ? undefined : imageId((number - 1n).toString(16).padStart(64, '0'))
}
