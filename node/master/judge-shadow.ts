import type { Clock } from '../../base/clock.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { encodeDeletion } from '../../indexing/encode-proof.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import { originOf, type Stored } from '../../indexing/image-record.ts'
import { isLater, type Origin } from '../../indexing/proof.ts'
import type { ListedShadow } from '../../protocols/list-shadows.ts'
import { abortProof, type AbandonedSharings } from '../placement/abandoned-sharings.ts'
import type { Replicator } from '../replication/replicate.ts'
import type { MasterPolicy } from './master-ports.ts'

/** What a master makes of a shadow that a slave lists. */
export type Verdict =
  /** The index names it, and it has its digest. */
  | { readonly is: 'whole' }
  /** It stays as it is: it is damaged, or it may still come to be named. */
  | { readonly is: 'left' }
  /** The index knows nothing of its image, and no store can be under way. */
  | { readonly is: 'unknown' }
  /** It may go, on this proof. */
  | { readonly is: 'deleted' | 'replaced' | 'abandoned'; readonly proof: readonly Uint8Array[] }

/** What judging a shadow needs. */
export interface JudgePorts {
  readonly clock: Clock
  readonly signer: Signer
  readonly replicator: Pick<Replicator, 'isCaughtUpSince'>
  readonly abandoned: AbandonedSharings
  readonly policy: Pick<MasterPolicy, 'orphanGraceMs'>
}

/**
 * Judge a shadow by what the index has of its image. That it has nothing is never a reason to drop: an index can be lost, a
 * shadow only once.
 * @param since when this shadow was first seen unnamed, on the monotonic clock
 */
export function judgeShadow(
  slave: PeerId,
  { entry, held, since }: { readonly entry: ListedShadow; readonly held: EncodedRecord | undefined; since: number },
  ports: JudgePorts
): Verdict {
  if (held === undefined) return judgeUnnamed(entry, ports)
  const { deletion, stored } = held.record
  if (deletion !== undefined) return { is: 'deleted', proof: [encodeDeletion(deletion)] }
  if (stored === undefined) return { is: 'unknown' } // a tombstone of version 1 proves nothing
  const { holders, sharing } = stored.placement
  const holder = holders.find(each => each.slave === slave)
  if (sharing === entry.sharing && holder !== undefined) {
    const isWhole = holder.number === entry.number && holder.digest === entry.digest
    return isWhole ? { is: 'whole' } : { is: 'left' }
  }
  const isPassed = sharing === entry.sharing || isPassedBy(entry, stored)
  // Another master may still read by an older record until it has caught up.
  if (isPassed) return isRipe(since, ports) ? { is: 'replaced', proof: [held.encoded] } : { is: 'left' }
  return judgeAbandoned(entry, ports) ?? { is: 'left' } // of a repair that did not come to its end
}

function judgeUnnamed(entry: ListedShadow, ports: JudgePorts): Verdict {
  const { clock, policy } = ports
  const given = judgeAbandoned(entry, ports)
  if (given !== undefined) return given
  return clock.now() - entry.asked < policy.orphanGraceMs ? { is: 'left' } : { is: 'unknown' }
}

/** A sharing that this master gave up, or was killed over, and that the index does not name: a store's or a repair's. */
function judgeAbandoned({ image, sharing, master }: ListedShadow, ports: JudgePorts): Verdict | undefined {
  const { replicator, signer, abandoned } = ports
  const given = abandoned.find(image, sharing)
  if (given === undefined || master !== signer.self) return undefined
  if (!replicator.isCaughtUpSince(given.since)) return { is: 'left' } // another master may have kept the record
  return { is: 'abandoned', proof: abortProof({ image, sharing, origin: given.origin }, ports) }
}

function isPassedBy({ asked, counter, master }: ListedShadow, stored: Stored): boolean {
  const mine: Origin | undefined = master && { asked, counter, master }
  return mine !== undefined && isLater(originOf(stored), mine)
}

/** Whether a shadow seen unnamed since then has waited out its grace, and no other master can know more of it. */
function isRipe(since: number, { clock, policy, replicator }: JudgePorts): boolean {
  return clock.monotonic() - since >= policy.orphanGraceMs && replicator.isCaughtUpSince(since)
}
