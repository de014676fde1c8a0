import { NetError } from '../base/errors.ts'
import type { PeerId } from '../base/ids.ts'
import type { Member, Role } from '../base/roles.ts'
import type { Owner } from './client/owner.ts'
import type { User } from './client/user.ts'
import type { Master } from './master/master.ts'
import type { PeerHealth } from './peer-health.ts'
import type { Slave } from './slave/slave.ts'

/** What a peer does in each of its roles. */
export interface PeerRoles {
  readonly owner: Owner
  readonly user: User
  readonly master: Master
  readonly slave: Slave
}

/**
 * A peer on the network with the roles it took up. `owner`, `user`, `master` and `slave` are there to be used without asking:
 * each throws NetError `CONFIG_INVALID` when the peer did not take that role up.
 */
export interface Peer extends PeerRoles {
  readonly self: PeerId
  /** The roles it took up. */
  readonly roles: readonly Role[]
  /** Where it listens, with its id: what others may name as bootstrap. */
  addresses(): string[]
  /**
   * Go by another roster from now on, one that names this peer too.
   * @throws NetError `CONFIG_INVALID` when it does not name this peer or gives it none of a role it took up; then nothing changes
   */
  replaceMembers(members: readonly Member[]): void
  /** How it does, for whoever watches it. */
  health(): Promise<PeerHealth>
  /** Leave the network and close the stores. May be called twice. */
  stop(): Promise<void>
}

/** A peer of which the roles `R` are certain. */
export type PeerAs<R extends keyof PeerRoles> = Pick<Peer, 'self' | 'addresses' | 'stop' | R>

/** What a {@link Peer} is made of. */
export interface PeerParts extends Pick<Peer, 'self' | 'roles' | 'addresses' | 'replaceMembers' | 'health' | 'stop'> {
  readonly taken: Partial<PeerRoles>
}

/** A {@link Peer} of its parts. */
export class OpenedPeer implements Peer {
  readonly self: PeerId
  readonly roles: readonly Role[]
  readonly addresses: () => string[]
  readonly replaceMembers: (members: readonly Member[]) => void
  readonly health: () => Promise<PeerHealth>
  readonly stop: () => Promise<void>
  readonly #taken: Partial<PeerRoles>

  constructor({ self, roles, addresses, replaceMembers, health, stop, taken }: PeerParts) {
    this.self = self
    this.roles = roles
    this.addresses = addresses
    this.replaceMembers = replaceMembers
    this.health = health
    this.stop = stop
    this.#taken = taken
  }

  get owner(): Owner {
    return this.#role('owner')
  }

  get user(): User {
    return this.#role('user')
  }

  get master(): Master {
    return this.#role('master')
  }

  get slave(): Slave {
    return this.#role('slave')
  }

  #role<R extends keyof PeerRoles>(name: R): PeerRoles[R] {
    const role = this.#taken[name]
    if (role !== undefined) return role
    throw new NetError('CONFIG_INVALID', `this peer did not take up the role ${name}, only ${this.roles.join(', ')}`)
  }
}
