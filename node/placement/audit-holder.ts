import { type AbortOptions, type Clock, deadline } from '../../base/clock.ts'
import { isNetError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { isMerkleLeaf, leafCount } from '../../base/merkle-tree.ts'
import { type Random, randomBelow } from '../../base/random.ts'
import { hasShadowDigest } from '../../base/shadow-digest.ts'
import type { Holder, Stored } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { auditShadow } from '../../protocols/audit-shadow.ts'
import type { ShadowFault } from '../../protocols/verify-images.ts'
import type { LossLedger } from './loss-ledger.ts'
import { getShadowFrom, type SlaveCallPorts } from './slave-calls.ts'

/** What an audit needs. */
export interface AuditHolderPorts extends SlaveCallPorts {
  readonly clock: Clock
  readonly random: Random
  readonly losses: LossLedger
  readonly log: Log
}

/** What keeping it needs. */
export type NotePorts = Pick<AuditHolderPorts, 'losses' | 'peers' | 'log'> & { readonly records: RecordStore }

/** What asking a slave for its shadow came to. */
export type Finding = 'held' | ShadowFault

const LEAVES = 4 // 16 KiB; an honest slave reads all of the shadow to show any leaf of it

/**
 * Have a holder prove that it has its shadow: leaves drawn by chance, each with its way to the root that the record names. Of
 * version 1, which names no root, the whole shadow is fetched. No answer is no finding against it.
 */
export async function auditHolder(
  stored: Pick<Stored, 'claim' | 'placement'>,
  holder: Holder,
  ports: AuditHolderPorts & AbortOptions
): Promise<Finding> {
  const limit = deadline(ports.clock, auditShadow.timeoutMs, { signal: ports.signal })
  try {
    const within = { ...ports, signal: limit.signal }
    const isProven = stored.claim.master === undefined ? provenWhole : provenByLeaves
    return (await isProven(stored, holder, within)) ? 'held' : 'wrong'
  } catch (error) {
    if (!isNetError(error)) throw error
    if (error.code === 'SHADOW_MISSING') return 'missing'
    // An answer that cannot be read is no silence: whoever answers so can be relied on for nothing.
    return error.code === 'SHADOW_CORRUPT' || error.code === 'MESSAGE_INVALID' ? 'wrong' : 'silent'
  } finally {
    limit.clear()
  }
}

/**
 * Keep what an audit found, unless the image was deleted or shared anew meanwhile: a loss counts against the slave and in
 * the health of its image.
 */
export async function noteFinding(
  finding: Finding,
  { slave, number }: Holder,
  { placement, claim, records, losses, peers, log }: Pick<Stored, 'placement' | 'claim'> & NotePorts
): Promise<void> {
  const { sharing } = placement
  if (finding === 'silent') return // silence is no failure
  if ((await records.get(claim.id))?.record.stored?.placement.sharing !== sharing) return
  if (finding === 'held') return losses.clear(slave, sharing)
  losses.note(slave, sharing)
  peers.get(slave)?.strike()
  log('a shadow failed its audit', { alarm: 'audit', slave, image: claim.id, number, is: finding })
}

async function provenByLeaves(
  { claim, placement }: Pick<Stored, 'claim' | 'placement'>,
  { slave, number, digest: root, bytes }: Holder,
  { network, random, signal }: AuditHolderPorts & AbortOptions
): Promise<boolean> {
  const wanted = drawLeaves(leafCount(bytes), random)
  const request = { image: claim.id, sharing: placement.sharing, number, leaves: wanted }
  const { leaves } = await network.request(slave, auditShadow, request, { signal })
  return (
    leaves.length === wanted.length &&
    leaves.every((leaf, at) => isMerkleLeaf(leaf, { root, bytes, index: wanted[at] }))
  )
}

async function provenWhole(
  { claim, placement }: Pick<Stored, 'claim' | 'placement'>,
  { slave, number, digest }: Holder,
  ports: AuditHolderPorts & AbortOptions
): Promise<boolean> {
  const key = { image: claim.id, sharing: placement.sharing, number, bytes: claim.size }
  return hasShadowDigest(await getShadowFrom(slave, key, ports), { digest, master: claim.master })
}

function drawLeaves(count: number, random: Random): number[] {
  const drawn = new Set<number>()
  while (drawn.size < Math.min(LEAVES, count)) drawn.add(randomBelow(random, count))
  return [...drawn]
}
