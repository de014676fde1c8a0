import type { Member, Roster } from '../../base/roles.ts'

/** A {@link Roster} that is a list, which may be replaced while it is in use. */
export interface ListedRoster extends Roster {
  /** How many members it names. */
  readonly size: number
  /**
   * Go by these members from now on: requests and new connections are judged by them, connections that stand are not
   * closed. @throws RangeError when a peer stands among them twice; then nothing changes
   */
  replace(members: readonly Member[]): void
}

/** The roster of these members. @throws RangeError when a peer stands in it twice */
export function listRoster(members: readonly Member[]): ListedRoster {
  let known = byPeer(members)
  return {
    get size() {
      return known.size
    },
    member: peer => known.get(peer),
    withRole: role => [...known.values()].filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer),
    replace: others => {
      known = byPeer(others)
    }
  }
}

function byPeer(members: readonly Member[]): ReadonlyMap<Member['peer'], Member> {
  const known = new Map(members.map(member => [member.peer, member]))
  if (known.size < members.length) throw new RangeError('members must not name a peer twice')
  return known
}
