import { type Invariant, recordsOf, wholeHolders } from './invariant.ts'

/** Promise 1 of the architecture, after the acknowledgement: what a slave has acknowledged it keeps. */
export const lasting: Invariant = {
  about: 'when all is quiet, every holder of an acknowledged image has its shadow, unless a fault spoilt its disk',
  when: 'quiet',
  check: ({ cluster, ledger }) => {
    const indexes = cluster.masters.map(peer => recordsOf(cluster.get(peer)))
    for (const { image } of ledger.kept()) {
      for (const records of indexes) {
        const placement = records.get(image)?.stored?.placement
        if (placement === undefined) continue // `known` says so
        const whole = new Set(wholeHolders(placement, cluster))
        const gone = placement.holders.filter(({ slave }) => !whole.has(slave) && !cluster.tampered.has(slave))
        if (gone.length > 0) return `image ${image} has lost ${gone.length} shadows that no fault touched`
      }
    }
    return undefined
  }
}
