import { entryOf, SHADOW_FILES } from '../virtual/virtual-shadow-store.ts'
import type { Invariant } from './invariant.ts'

/** Promise 4 of the architecture: a slave never holds r shadows of one image. */
export const neverTogether: Invariant = {
  about: 'no slave holds two shadows of one sharing',
  when: 'moment',
  check: ({ cluster }) => {
    for (const peer of cluster.slaves) {
      const seen = new Set<string>()
      for (const name of cluster.get(peer).disk.names(SHADOW_FILES)) {
        const { image, sharing } = entryOf(name)
        if (seen.has(sharing)) return `slave ${peer} holds two shadows of image ${image}`
        seen.add(sharing)
      }
    }
    return undefined
  }
}
