import type { PeerId, Site } from './ids.ts'

/** What a peer may do: owner (MO), master (MCS), slave (SCS), user (MU), key centre (KCE). One peer may carry several. */
export const ROLES = Object.freeze(['owner', 'master', 'slave', 'user', 'key-centre'] as const)

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number]

/** A peer that the network admits. */
export interface Member {
  readonly peer: PeerId
  readonly site: Site
  readonly roles: readonly Role[]
}

/** Who may come in, and as what. Answers from configuration, later from certificates. */
export interface Roster {
  /** The member with this id, or undefined when the network does not admit it. */
  member(peer: PeerId): Member | undefined
  /** The members it knows of by itself that carry a role, met or not. */
  withRole(role: Role): PeerId[]
}
