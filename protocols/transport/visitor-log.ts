import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { Roster } from '../../base/roles.ts'
import type { Libp2pNode } from './create-libp2p.ts'

/** What a {@link VisitorLog} works with. */
export interface VisitorLogPorts {
  readonly roster: Roster
  readonly clock: Clock
  readonly log: Log
}

const REST_MS = 10_000 // strangers are cheap to be: their tries are counted and told together

/** Tells who comes and goes, and that strangers were refused. */
export class VisitorLog {
  readonly #ports: VisitorLogPorts
  #refused = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(ports: VisitorLogPorts) {
    this.#ports = ports
  }

  /** Tell of a node's members from now on. */
  watch(node: Libp2pNode): void {
    const tell = (fact: string) => {
      return ({ detail }: CustomEvent<Libp2pPeerId>) => {
        const member = this.#ports.roster.member(detail.toString() as PeerId) // an id by type
        if (member === undefined) return
        this.#ports.log(fact, { peer: member.peer, site: member.site, roles: member.roles.join(',') })
      }
    }
    node.addEventListener('peer:connect', tell('peer connected'))
    node.addEventListener('peer:disconnect', tell('peer disconnected'))
  }

  /** A peer that the roster does not name was turned away. */
  refuse(peer: PeerId): void {
    const { clock, log } = this.#ports
    this.#refused++
    const now = clock.monotonic()
    if (now - this.#toldAt < REST_MS) return
    log('a peer outside the roster was refused', { peer, times: this.#refused })
    this.#toldAt = now
    this.#refused = 0
  }
}
