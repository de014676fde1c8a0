import { entryOf, SHADOW_FILES, TRASH_FILES } from '../virtual/shadow-file-names.ts'
import type { Invariant } from './invariant.ts'

/** Promise 4 of the architecture: a slave never holds r shadows of one image. */
export const neverTogether: Invariant = {
  about: 'no slave has two shadows of one sharing, not even with its trash',
  when: 'moment',
  check: ({ cluster }) => {
    for (const peer of cluster.slaves) {
      const { disk } = cluster.get(peer)
      const seen = new Map<string, number>()
      for (const name of [...disk.names(SHADOW_FILES), ...disk.names(TRASH_FILES)]) {
        const { image, sharing, number } = entryOf(name)
        const other = seen.get(sharing)
        if (other !== undefined && other !== number) return `slave ${peer} holds two shadows of image ${image}`
        seen.set(sharing, number)
      }
    }
    return undefined
  }
}
