import type { PeerId, Site } from '../base/ids.ts'
import { codec } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bool, listOf, peer, place, whole } from '../codec/shapes.ts'

/** Nothing to say: the whole picture is asked for. */
export type NetworkStatusRequest = Readonly<Record<never, never>>

/** What a master knows of a slave; numbers are of its last answer. */
interface SlaveStatus {
  readonly peer: PeerId
  readonly site: Site
  readonly alive: boolean
  readonly shadows: number
  readonly freeBytes: number
  readonly trashed: number
  /** Drops that it refused in an hour because they were too many. */
  readonly refusedDrops: number
  /** Whether it said that it is about to go for good. */
  readonly leaving: boolean
  /** Images of which the index says that a shadow lies there. */
  readonly images: number
}

/** What a master knows of a master, itself included. */
interface MasterStatus {
  readonly peer: PeerId
  readonly alive: boolean
  readonly images: number
}

/** What an owner has stored, by the index of the answering master, and may have stored. */
interface OwnerStatus {
  readonly peer: PeerId
  readonly images: number
  /** Of encrypted images. */
  readonly bytes: number
  /** No limit when left out. */
  readonly quotaImages?: number
  readonly quotaBytes?: number
}

/** How the repairs of the answering master stand. */
interface RepairStatus {
  /** Images that wait to be shared anew, by it or by another master. */
  readonly waiting: number
  /** How many shadows the one nearest to loss may still lose; left out when none has lost any. */
  readonly nearest?: number
  /** Those that could not be shared anew when this master tried. */
  readonly failing: number
  /** Images that it shared anew since it started. */
  readonly repaired: number
  /** Whether there is no other master, without whose word nothing is shared anew. */
  readonly alone: boolean
}

/** The network as one master sees it. */
export interface NetworkStatusAnswer {
  /** How long ago this was so, in ms. */
  readonly ageMs: number
  /** Stored images: `healthy` + `degraded` + `unreadable`. */
  readonly images: number
  /** All s holders alive. */
  readonly healthy: number
  /** Some holders lost, at least r alive. */
  readonly degraded: number
  /** Fewer than r holders alive. */
  readonly unreadable: number
  /** Shadows of stored images that slaves, when asked for them, did not have or had wrong. */
  readonly auditFailures: number
  /** Shadows on slaves of which this master's index knows nothing, as it last read their lists. */
  readonly unknownShadows: number
  /** Whether several slaves hold so many of them that its index must be behind, lost or old. */
  readonly behind: boolean
  readonly repair: RepairStatus
  /** Per mille of the index that the answering master has, by what others say; left out when it has all of it. */
  readonly coverage?: number
  readonly slaves: readonly SlaveStatus[]
  readonly masters: readonly MasterStatus[]
  /** Those of whom most is stored. */
  readonly owners: readonly OwnerStatus[]
}

/** Most slaves, masters and owners of one answer, each. */
export const MAX_PEERS = 4096
const slave = fields({
  peer,
  site: place,
  alive: bool,
  shadows: whole(),
  freeBytes: whole(),
  trashed: whole(),
  refusedDrops: whole(),
  leaving: bool,
  images: whole()
})
const repair = fields({
  waiting: whole(),
  nearest: optional(whole()),
  failing: whole(),
  repaired: whole(),
  alone: bool
})
const master = fields({ peer, alive: bool, images: whole() })
const owner = fields({
  peer,
  images: whole(),
  bytes: whole(),
  quotaImages: optional(whole()),
  quotaBytes: optional(whole())
})

/** Owner, user, master -> master: how the network stands. */
export const networkStatus: Protocol<NetworkStatusRequest, NetworkStatusAnswer> = Object.freeze({
  id: '/sfmedir/network-status/2.0.0',
  callers: Object.freeze(['owner', 'user', 'master'] as const),
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: 3 * MAX_PEERS * 512 + ENVELOPE_BYTES,
  timeoutMs: 15_000,
  ratePerSecond: 20,
  stream: 'shared' as const,
  request: codec(fields({})),
  answer: codec(
    fields({
      ageMs: whole(),
      images: whole(),
      healthy: whole(),
      degraded: whole(),
      unreadable: whole(),
      auditFailures: whole(),
      unknownShadows: whole(),
      behind: bool,
      repair,
      coverage: optional(whole(0, 999)),
      slaves: listOf(slave, MAX_PEERS),
      masters: listOf(master, MAX_PEERS),
      owners: listOf(owner, MAX_PEERS)
    })
  )
})
