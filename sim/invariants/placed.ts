import { type Invariant, recordsOf } from './invariant.ts'

/** The placement policy of the architecture, section 9. */
export const placed: Invariant = {
  about: 'every record names s distinct slaves with s distinct shadow numbers, on enough sites',
  when: 'moment',
  check: ({ cluster }) => {
    const minSites = cluster.spec.master?.minSites ?? 1
    for (const peer of cluster.masters) {
      for (const [image, { stored }] of recordsOf(cluster.get(peer))) {
        if (stored === undefined) continue
        const { holders, total } = stored.placement
        const slaves = new Set(holders.map(({ slave }) => slave))
        const numbers = new Set(holders.map(({ number }) => number))
        const sites = new Set(holders.map(({ slave }) => cluster.get(slave).site))
        if (slaves.size !== total || numbers.size !== total)
          return `image ${image} lies on ${slaves.size} of ${total} slaves`
        if (sites.size < minSites) return `image ${image} lies on ${sites.size} sites, fewer than ${minSites}`
      }
    }
    return undefined
  }
}
