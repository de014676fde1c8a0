import { type Invariant, recordsOf, wholeHolders } from './invariant.ts'

/** Promise 1 of the architecture: acknowledged means durable. */
export const durable: Invariant = {
  about: 'when a store is acknowledged, s shadows and the record at two masters would survive a crash',
  when: 'stored',
  check: ({ cluster }, stored) => {
    if (stored === undefined) return undefined
    const copies = cluster.masters
      .map(peer => recordsOf(cluster.get(peer), { safe: true }).get(stored.image))
      .filter(record => record !== undefined)
    const need = Math.min(2, cluster.masters.length)
    if (copies.length < need) return `image ${stored.image} is acknowledged with ${copies.length} durable records`
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
