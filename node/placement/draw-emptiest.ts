import type { Site } from '../../base/ids.ts'
import type { Candidate, SlaveDraw } from './draw-slaves.ts'

/**
 * Draw slaves over as many sites as there are, evenly, and within a site the one with most free space first: new slaves fill
 * up soonest, and anyone who knows their free space can foretell where an image goes.
 */
export function drawEmptiest(candidates: readonly Candidate[]): SlaveDraw {
  const waiting = [...candidates].sort((a, b) => b.freeBytes - a.freeBytes || (a.slave < b.slave ? -1 : 1))
  const taken = new Map<Site, number>()
  const count = (site: Site): number => taken.get(site) ?? 0
  return {
    take(bytes) {
      const fitting = waiting.filter(({ freeBytes }) => freeBytes >= bytes)
      const fewest = Math.min(...fitting.map(({ site }) => count(site)))
      const candidate = fitting.find(({ site }) => count(site) === fewest)
      if (candidate === undefined) return undefined
      waiting.splice(waiting.indexOf(candidate), 1)
      taken.set(candidate.site, count(candidate.site) + 1)
      return candidate
    },
    giveBack: ({ site }) => taken.set(site, count(site) - 1)
  }
}
