import { isNetError } from '../../base/errors.ts'
import { type Invariant, recordsOf } from './invariant.ts'

/** A deletion wins over everything, for good. */
export const deleted: Invariant = {
  about: 'when all is quiet, an image whose deletion was acknowledged is gone: no record, no search, no read gives it',
  when: 'quiet',
  check: async ({ cluster, ledger }) => {
    for (const { image, bytes, deleted } of ledger.entries) {
      if (deleted !== 'yes') continue
      const holds = cluster.masters.some(peer => recordsOf(cluster.get(peer)).get(image)?.stored !== undefined)
      if (holds) return `image ${image} was deleted and a master still lists it`
      const found = await cluster.user.search(bytes, { k: 10 })
      if (found.some(one => one.id === image)) return `image ${image} was deleted and a search still finds it`
      const code = await cluster.user.fetch(image).then(
        () => 'read',
        error => (isNetError(error) ? error.code : String(error))
      )
      if (code !== 'IMAGE_NOT_FOUND') return `image ${image} was deleted, and reading it gives ${code}`
    }
    return undefined
  }
}
