import { isNetError } from '../../base/errors.ts'
import type { Invariant } from './invariant.ts'

const MOST = 1000 // more than a history stores

/** A search by showing an image finds it. */
export const found: Invariant = {
  about: 'when all is quiet, every acknowledged image is found by showing it, at distance 0',
  when: 'quiet',
  check: async ({ cluster, ledger }) => {
    for (const { image, bytes } of ledger.kept()) {
      try {
        const results = await cluster.user.search(bytes, { k: MOST })
        const own = results.find(({ id }) => id === image)
        if (own === undefined) return `image ${image} was acknowledged, and a search that shows it does not find it`
        if (own.distance !== 0) return `image ${image} is found at distance ${own.distance} from itself`
      } catch (error) {
        return `a search that shows image ${image} fails: ${isNetError(error) ? error.code : String(error)}`
      }
    }
    return undefined
  }
}
