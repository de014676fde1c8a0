import type { PeerTableInit } from '../peers/peer-table.ts'
import type { ThresholdPolicy } from '../placement/choose-threshold.ts'
import { SLAVE_PLACEMENTS } from '../placement/slave-placements.ts'
import type { RepairPolicy } from '../repair/repair-policy.ts'
import type { ReplicatorInit } from '../replication/replicate.ts'
import type { MasterPolicy } from './master-ports.ts'

/** How a master works; every field may be left out. */
export interface MasterInit extends Partial<Omit<MasterPolicy, 'threshold'>> {
  /** Which (r, s) it draws. */
  threshold?: Partial<ThresholdPolicy>
  /** How it watches slaves and masters. */
  peers?: PeerTableInit
  /** How it keeps its index like the other masters'. */
  replication?: ReplicatorInit
  /** When and how fast it shares images anew. */
  repair?: Partial<RepairPolicy>
}

const MINUTE_MS = 60_000

/** Defaults of {@link MasterInit}. */
export const MASTER_DEFAULTS: Omit<MasterPolicy, 'threshold'> = Object.freeze({
  minSites: 1, // a network in one hospital works; set it to spread
  budgetBytes: 256 * 1024 * 1024, // the largest image that travels
  orphanGraceMs: 15 * MINUTE_MS, // three times the longest store; a store gives up at half of it
  reconcileMs: 10 * MINUTE_MS,
  auditPeriodMs: 14 * 24 * 60 * MINUTE_MS, // a disk is read twice a month: rot is found while there are other shadows
  placement: SLAVE_PLACEMENTS[0],
  putPatienceMs: 5_000, // an fsync on a busy disk takes its time
  quotaBytes: undefined,
  quotaImages: undefined,
  space: undefined
})
