import type { Stored } from '../../indexing/image-record.ts'
import type { RepairPolicy } from './repair-policy.ts'
import type { SlaveLosses } from './slave-losses.ts'

/** Why an image is to be shared anew. */
export interface RepairNeed {
  /** `repair`: it has lost shadows. `move`: a slave that holds one is leaving. */
  readonly why: 'repair' | 'move'
  /** Good shadows above r: how many more it may lose. */
  readonly spare: number
}

/** What judging an image needs. */
export interface AssessPorts {
  readonly lost: Pick<SlaveLosses, 'isLost' | 'isLeaving'>
  readonly policy: Pick<RepairPolicy, 'margin'>
  /** r of the image, asked for only when it matters; undefined when it cannot be read. */
  thresholdOf(stored: Stored): number | undefined
}

/**
 * Whether an image is to be shared anew now: when it has lost a shadow and at most r + margin good ones are left, or when a
 * holder leaves. What has fewer than r cannot be rebuilt, and waits for a slave to come back.
 */
export function assessImage(stored: Stored, { lost, policy, thresholdOf }: AssessPorts): RepairNeed | undefined {
  const { holders, sharing, total } = stored.placement
  if (stored.claim.master === undefined) return undefined // of version 1, of which no record is written any more
  const good = holders.filter(({ slave }) => !lost.isLost(slave, sharing))
  const isLeft = good.some(({ slave }) => lost.isLeaving(slave))
  if (good.length === total && !isLeft) return undefined
  const threshold = thresholdOf(stored)
  if (threshold === undefined || good.length < threshold) return undefined
  const spare = good.length - threshold
  if (good.length < total && spare <= policy.margin) return { why: 'repair', spare }
  return isLeft ? { why: 'move', spare } : undefined
}
