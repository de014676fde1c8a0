import type { Member, Roster } from '../../base/roles.ts'

/** The roster of these members. @throws RangeError when a peer stands in it twice */
export function listRoster(members: readonly Member[]): Roster {
  const known = new Map(members.map(member => [member.peer, member]))
  if (known.size < members.length) throw new RangeError('members must not name a peer twice')
  return {
    member: peer => known.get(peer),
    withRole: role => members.filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer)
  }
}
