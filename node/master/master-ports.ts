import type { CodeSpace } from '../../hashing/hash-code.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { QuotaPolicy } from './owner-quota.ts'
import type { MasterKeys, PlacementPolicy } from '../placement/place-image.ts'
import type { SharingJournal } from '../placement/sharing-journal.ts'
import type { PeerTablePorts } from '../peers/peer-table.ts'
import type { Vitals } from '../peers/vitals.ts'
import type { TakePorts } from '../replication/take-records.ts'

/** What a `Master` works with: the world, its index, its keys. */
export interface MasterPorts extends PeerTablePorts, TakePorts {
  readonly keys: MasterKeys
  /** Splits new images. */
  readonly scheme: ShadowScheme
  /** The scheme that a record names. Left out, only `scheme` can be read. @throws NetError for an unknown name */
  readonly schemeNamed?: (name: string) => ShadowScheme
  /** Remembers over a kill which stores were in hand; left out, what they left on slaves stays there. */
  readonly journal?: SharingJournal
  /** The peer's common answer to `liveness`; made when left out. */
  readonly vitals?: Vitals
}

/** How a master decides. */
export interface MasterPolicy extends PlacementPolicy, QuotaPolicy {
  /** Images that one caller has in hand at once, in bytes of their encryptions; all callers together half as much again. An image costs some four times its size. */
  readonly budgetBytes: number
  /** Shadows that no record names are dropped after this long, in ms: longer than any store can take. */
  readonly orphanGraceMs: number
  /** Each slave's list of shadows is compared with the index this often, in ms. */
  readonly reconcileMs: number
  /** Every shadow of the index has to be proven by its slave once in so long, in ms. */
  readonly auditPeriodMs: number
  /** Codes are accepted of this space only; of any when undefined. */
  readonly space: CodeSpace | undefined
}
