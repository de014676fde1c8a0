import type { ImageId } from '../../base/ids.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'
import { BESIDE_FILES } from '../virtual/shadow-file-names.ts'
import type { VirtualCluster } from '../virtual/virtual-cluster.ts'
import { type Invariant, recordsOf, wholeHolders } from './invariant.ts'

/** Promise 1 of the architecture: acknowledged means durable. */
export const durable: Invariant = {
  about:
    'when a store is acknowledged, s shadows would survive a crash, and the record at two masters, or at one and sealed beside every shadow',
  when: 'stored',
  check: ({ cluster }, stored) => {
    if (stored === undefined) return undefined
    const copies = cluster.masters
      .map(peer => recordsOf(cluster.get(peer), { safe: true }).get(stored.image))
      .filter(record => record !== undefined)
    const need = Math.min(2, cluster.masters.length)
    if (copies.length === 0 || (copies.length < need && !isBesideAll(stored.image, copies[0], cluster)))
      return `image ${stored.image} is acknowledged with ${copies.length} durable records`
    const placement = copies[0].stored?.placement
    if (placement === undefined) return undefined // deleted while its store was acknowledged
    const { length } = wholeHolders(placement, cluster, { safe: true })
    // A disk that was tampered with since is the fault's doing, not the store's.
    const spared = placement.holders.filter(({ slave }) => !cluster.tampered.has(slave)).length
    return length < spared
      ? `image ${stored.image} is acknowledged with ${length} of ${spared} durable shadows`
      : undefined
  }
}

/** Whether every holder whose disk was not tampered with has a sealed record of the image that would survive a crash. */
function isBesideAll(image: ImageId, { stored }: ImageRecord, cluster: VirtualCluster): boolean {
  const { sharing, holders } = stored?.placement ?? { sharing: '', holders: [] }
  return holders.every(({ slave }) => {
    const disk = cluster.peers.get(slave)?.disk
    const names = disk?.names(`${BESIDE_FILES}${image}/${sharing}/`) ?? []
    return cluster.tampered.has(slave) || names.some(name => disk?.peekSafe(name) !== undefined)
  })
}
