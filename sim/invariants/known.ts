import { type Invariant, recordsOf } from './invariant.ts'

/** No acknowledged image drops out of the index. */
export const known: Invariant = {
  about: 'when all is quiet, every acknowledged image has a record at every master',
  when: 'quiet',
  check: ({ cluster, ledger }) => {
    const indexes = cluster.masters.map(peer => recordsOf(cluster.get(peer)))
    for (const { image } of ledger.kept()) {
      if (indexes.some(records => records.get(image)?.stored === undefined)) {
        return `image ${image} was acknowledged and is missing from an index`
      }
    }
    return undefined
  }
}
