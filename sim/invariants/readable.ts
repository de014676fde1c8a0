import { equals } from 'uint8arrays/equals'
import { isNetError } from '../../base/errors.ts'
import { type Invariant, isSound, recordsOf, thresholdOf, wholeHolders } from './invariant.ts'

const MASTERS_MUST_KNOW_AFTER = 'the network is whole' // a master that was cut off may not know yet: not a lost image

/** Promise 2 of the architecture: readable, bit for bit, while r of s holders answer. */
export const readable: Invariant = {
  about: `acknowledged images read back bit for bit while r whole holders and every master are up and ${MASTERS_MUST_KNOW_AFTER}`,
  when: 'calm',
  check: async ({ cluster, ledger }) => {
    const masters = cluster.masters.map(peer => cluster.get(peer))
    for (const entry of ledger.kept()) {
      const { image, bytes } = entry
      const readable = (): boolean => {
        if (entry.deleted !== 'no') return false // its owner deletes it meanwhile
        const placements = masters
          .filter(master => isSound(master, cluster))
          .map(master => recordsOf(master).get(image)?.stored?.placement)
        if (placements.length < masters.length || placements.includes(undefined)) return false
        return placements.every(placement => {
          if (placement === undefined) return false
          const sound = wholeHolders(placement, cluster).filter(peer => isSound(cluster.get(peer), cluster))
          return sound.length >= thresholdOf(image, placement, cluster)
        })
      }
      if (!readable()) continue
      try {
        const got = await cluster.user.fetch(image)
        if (!equals(got, bytes)) return `image ${image} reads as other bytes than were stored`
      } catch (error) {
        const code = isNetError(error) ? error.code : String(error)
        if (readable()) return `image ${image} cannot be read (${code}) though enough holders are up`
      }
    }
    return undefined
  }
}
