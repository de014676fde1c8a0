import type { RecordStore } from '../../indexing/record-store.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { Signer } from '../../crypto/signer.ts'
import type { CodeSpace } from '../../hashing/hash-code.ts'
import type { PeerId } from '../../base/ids.ts'
import type { ByteBudget } from '../../base/byte-budget.ts'
import type { ThresholdPolicy } from '../placement/choose-threshold.ts'
import type { Log } from '../../base/log.ts'
import type { LossLedger } from '../placement/loss-ledger.ts'
import type { PeerTable, PeerTablePorts } from '../peers/peer-table.ts'
import type { Replicator } from '../replication/replicate.ts'
import type { Vitals } from '../peers/vitals.ts'

/** The keys that masters share; slaves, owners and users have neither. */
export interface MasterKeys {
  /** K_rEK: seals the threshold in records, 32 bytes. */
  readonly thresholdKey: Uint8Array
  /** Authenticates shadows, 32 bytes. */
  readonly macKey: Uint8Array
}

/** What a `Master` works with: the world, its index, its keys. */
export interface MasterPorts extends PeerTablePorts {
  readonly records: RecordStore
  readonly signer: Signer
  readonly keys: MasterKeys
  /** Splits new images. */
  readonly scheme: ShadowScheme
  /** The scheme that a record names. Left out, only `scheme` can be read. @throws NetError `MESSAGE_INVALID` for an unknown name */
  readonly schemeNamed?: (name: string) => ShadowScheme
  /** The peer's common answer to `liveness`; made when left out. */
  readonly vitals?: Vitals
}

/** How a master decides. */
export interface MasterPolicy {
  readonly threshold: ThresholdPolicy
  /** The fewest distinct sites over which an image's shadows must lie. */
  readonly minSites: number
  /** Images in hand at once, in bytes of their encryptions; an image costs some four times its size. */
  readonly budgetBytes: number
  /** Shadows that no record names are dropped after this long, in ms: longer than any store can take. */
  readonly orphanGraceMs: number
  /** Each slave's list of shadows is compared with the index this often, in ms. */
  readonly reconcileMs: number
  /** The least time a slave gets to take a shadow before another is chosen, in ms. */
  readonly putPatienceMs: number
  /** Codes are accepted of this space only; of any when undefined. */
  readonly space: CodeSpace | undefined
}

/** A master at work, as its verbs see it. */
export interface MasterContext {
  readonly self: PeerId
  readonly ports: MasterPorts
  readonly policy: MasterPolicy
  readonly peers: PeerTable
  readonly replicator: Replicator
  readonly losses: LossLedger
  readonly budget: ByteBudget
  readonly log: Log
  /** Fires when the master stops. */
  readonly stopping: AbortSignal
}
