import type { PeerName } from '../base/ids.ts'
import type { Member, Role, Roster } from '../base/roles.ts'

/** A roster that is a list, such as that of a configuration file. */
export interface ListedRoster extends Roster {
  /** The members that carry a role. */
  withRole(role: Role): PeerName[]
}

/** The roster of these members. @throws RangeError when a peer stands in it twice */
export function listRoster(members: readonly Member[]): ListedRoster {
  const known = new Map(members.map(member => [member.peer, member]))
  if (known.size < members.length) throw new RangeError('members must not name a peer twice')
  return {
    member: peer => known.get(peer),
    withRole: role => members.filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer)
  }
}
