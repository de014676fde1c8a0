import type { Site } from '../base/ids.ts'
import { ROLES, type Role } from '../base/roles.ts'
import { codec } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { ENVELOPE_BYTES } from './limits.ts'
import type { Protocol } from './network.ts'
import { bool, digest, listOf, place, role, whole } from '../codec/shapes.ts'

/** Nothing: the question is whether anybody answers. */
export type LivenessRequest = Readonly<Record<never, never>>

/** How a peer does. What belongs to a role it does not carry is 0. */
export interface LivenessAnswer {
  readonly roles: readonly Role[]
  readonly site: Site
  /** Shadows kept. */
  readonly shadows: number
  readonly usedBytes: number
  readonly freeBytes: number
  /** Shadows that were dropped and can still be restored. */
  readonly trashed: number
  readonly trashBytes: number
  /** Drops that it refused in the last hour because they were too many: above 0 somebody should look why. */
  readonly refusedDrops: number
  /** Whether this slave is about to go for good: no new shadow for it, and its images are to be kept elsewhere. */
  readonly leaving: boolean
  /** Requests in hand. */
  readonly load: number
  /** Images in the index. */
  readonly images: number
  /** Root of the digests of its index, hex; left out by who keeps none. Other masters compare it with their own. */
  readonly index?: string
}

/** Any -> any: are you there, and how full and busy? */
export const liveness: Protocol<LivenessRequest, LivenessAnswer> = Object.freeze({
  id: '/sfmedir/liveness/2.0.0',
  callers: ROLES,
  maxRequestBytes: ENVELOPE_BYTES,
  maxAnswerBytes: ENVELOPE_BYTES,
  timeoutMs: 5_000,
  ratePerSecond: 50,
  stream: 'shared' as const,
  request: codec(fields({})),
  answer: codec(
    fields({
      roles: listOf(role, ROLES.length),
      site: place,
      shadows: whole(),
      usedBytes: whole(),
      freeBytes: whole(),
      trashed: whole(),
      trashBytes: whole(),
      refusedDrops: whole(),
      leaving: bool,
      load: whole(),
      images: whole(),
      index: optional(digest)
    })
  )
})
