import { type ImageRecord, originOf } from '../../indexing/image-record.ts'
import { isLater } from '../../indexing/proof.ts'
import { entryOf, SHADOW_FILES } from '../virtual/shadow-file-names.ts'
import { type Invariant, recordsOf } from './invariant.ts'

/**
 * Of a deleted image, and of a sharing that another replaced, nothing remains but what is in the trash. What the same
 * or a later try left behind, whose master was killed, may stay: nothing proves that it may go, and masters keep no journal here.
 */
export const erased: Invariant = {
  about:
    'when all has been quiet for longer than the grace of orphans, every shadow of an image in the index is one that its record names, or of the same or a later try',
  when: 'settled',
  check: ({ cluster }) => {
    const indexes = cluster.masters.map(peer => recordsOf(cluster.get(peer)))
    for (const slave of cluster.slaves) {
      for (const name of cluster.get(slave).disk.names(SHADOW_FILES)) {
        const { image, sharing, number, asked, counter, master } = entryOf(name)
        const records = indexes.map(each => each.get(image)).filter(record => record !== undefined)
        const isNamed = records.some(({ stored }) => {
          const holder = stored?.placement.holders.find(each => each.slave === slave)
          return stored?.placement.sharing === sharing && holder?.number === number
        })
        if (isNamed) continue
        const mayGo = ({ stored }: ImageRecord): boolean =>
          stored === undefined || master === undefined || isLater(originOf(stored), { asked, counter, master })
        if (records.some(mayGo)) return `slave ${slave} still holds a shadow of image ${image} that no record names`
      }
    }
    return undefined
  }
}
