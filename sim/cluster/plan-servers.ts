import { type Site, site } from '../../base/ids.ts'

/** A peer that a cluster is to have and that serves others: what it is called, what it is, where it stands. */
export interface PlannedServer {
  readonly name: string
  readonly kind: 'master' | 'slave'
  readonly site: Site
}

/** The masters, each at a site of its own, then the slaves, at so many sites in turn. */
export function planServers(counts: {
  readonly masters: number
  readonly slaves: number
  readonly sites: number
}): PlannedServer[] {
  const many = (kind: PlannedServer['kind'], count: number, siteOf: (at: number) => string): PlannedServer[] =>
    Array.from({ length: count }, (_, at) => ({ name: `${kind} ${at}`, kind, site: site(siteOf(at)) }))
  return [
    ...many('master', counts.masters, at => `master site ${at}`),
    ...many('slave', counts.slaves, at => `site ${at % counts.sites}`)
  ]
}
