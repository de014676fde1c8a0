import { equals } from 'uint8arrays/equals'
import { encodeRecord } from '../../indexing/encode-record.ts'
import { type Invariant, recordsOf } from './invariant.ts'

/** Masters converge whatever the order in which they heard (architecture, section 8). */
export const converged: Invariant = {
  about: 'when all is quiet, every master holds the same records',
  when: 'quiet',
  check: ({ cluster }) => {
    const [first, ...others] = cluster.masters.map(peer => recordsOf(cluster.get(peer)))
    for (const records of others) {
      const images = new Set([...first.keys(), ...records.keys()])
      for (const image of images) {
        const [a, b] = [first.get(image), records.get(image)]
        if (a === undefined || b === undefined) return `image ${image} is known to some masters only`
        if (!equals(encodeRecord(a), encodeRecord(b))) return `masters hold different records of image ${image}`
      }
    }
    return undefined
  }
}
