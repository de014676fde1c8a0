import type { PeerId, ShadowNumber, Site } from '../../base/ids.ts'
import { type Random, randomUnit } from '../../base/random.ts'

/** A slave that could take a shadow. */
export interface Candidate {
  readonly slave: PeerId
  readonly site: Site
  readonly freeBytes: number
  /** How much it is to be preferred for its conduct, above 0; 1 for a slave without fault. */
  readonly weight: number
}

/** Slaves one after another, each at most once. */
export interface SlaveDraw {
  /** The next slave with room for `bytes`, of a site that has fewest so far; undefined when none is left. */
  take(bytes: number): Candidate | undefined
  /** Say that `candidate` did not take its shadow: its site counts one less. It is not drawn again. */
  giveBack(candidate: Candidate): void
}

/**
 * Draw slaves so that shadows spread over as many sites as there are, evenly, and within a site by chance weighted with
 * free space: slaves fill up at the same pace, and nobody can foretell where an image goes.
 */
export function drawSlaves(candidates: readonly Candidate[], random: Random): SlaveDraw {
  const waiting = byWeight(candidates, random)
  const taken = new Map<Site, number>()
  const count = (site: Site): number => taken.get(site) ?? 0
  return {
    take(bytes) {
      let best = -1
      for (let at = 0; at < waiting.length; at++) {
        if (waiting[at].freeBytes < bytes) continue
        if (best < 0 || count(waiting[at].site) < count(waiting[best].site)) best = at
      }
      if (best < 0) return undefined
      const [candidate] = waiting.splice(best, 1)
      taken.set(candidate.site, count(candidate.site) + 1)
      return candidate
    },
    giveBack: ({ site }) => taken.set(site, count(site) - 1)
  }
}

/** Weighted random order: each gets the arrival time of a Poisson process whose rate is its weight (Efraimidis, Spirakis). */
function byWeight(candidates: readonly Candidate[], random: Random): Candidate[] {
  const keyed = [...candidates]
    .sort((a, b) => (a.slave < b.slave ? -1 : 1)) // the same seed draws the same, whatever order they came in
    .map(candidate => {
      const rate = Math.max(1, candidate.freeBytes) * candidate.weight
      return { candidate, arrival: -Math.log(1 - randomUnit(random)) / rate }
    })
  return keyed.sort((a, b) => a.arrival - b.arrival).map(({ candidate }) => candidate)
}

/**
 * Servers of happiness: the size of the largest matching of shadows to distinct sites, when a shadow may lie at several
 * sites. A store counts as spread by this number, not by counting peers (Tahoe-LAFS; augmenting paths, Kuhn).
 */
export function countMatchedSites(placed: readonly { readonly number: ShadowNumber; readonly site: Site }[]): number {
  const sitesOf = new Map<ShadowNumber, Site[]>()
  for (const { number, site } of placed) sitesOf.set(number, [...(sitesOf.get(number) ?? []), site])
  const shadowAt = new Map<Site, ShadowNumber>()
  const augment = (number: ShadowNumber, seen: Set<Site>): boolean => {
    for (const site of sitesOf.get(number) ?? []) {
      if (seen.has(site)) continue
      seen.add(site)
      const other = shadowAt.get(site)
      if (other !== undefined && !augment(other, seen)) continue
      shadowAt.set(site, number)
      return true
    }
    return false
  }
  let matched = 0
  for (const number of sitesOf.keys()) if (augment(number, new Set())) matched++
  return matched
}
