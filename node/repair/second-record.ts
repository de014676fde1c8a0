import { equals } from 'uint8arrays/equals'
import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Member, Roster } from '../../base/roles.ts'
import { hasShadowDigest } from '../../base/shadow-digest.ts'
import type { OpenedShadow } from '../../crypto/shadow-scheme.ts'
import type { Signer } from '../../crypto/signer.ts'
import { cosignBytes, encodeClaim } from '../../indexing/encode-record.ts'
import { decodedRecord } from '../../indexing/encoded-record.ts'
import type { Stored } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { CosignRecordAnswer, CosignRecordRequest } from '../../protocols/cosign-record.ts'
import type { PlacementPolicy } from '../placement/place-image.ts'
import type { RebuildPorts } from '../placement/rebuild-image.ts'
import { readPlacement } from '../placement/read-placement.ts'
import { getShadowFrom } from '../placement/slave-calls.ts'
import { verifyProposal } from '../proofs/verify-record.ts'
import type { Replicator } from '../replication/replicate.ts'

/** What seconding another master's sharing needs. */
export interface SecondRecordPorts extends Omit<RebuildPorts, 'losses' | 'random'> {
  readonly records: RecordStore
  readonly replicator: Pick<Replicator, 'catchUp'>
  readonly signer: Signer
  readonly roster: Roster
  readonly policy: Pick<PlacementPolicy, 'minSites'>
}

const LEAST_TOTAL = 3 // a slave drops nothing for a record of fewer shadows

/**
 * Second another master's sharing anew of an image: sign for it once this master has fetched every one of its shadows and
 * rebuilt from them the bytes that the owner claimed, each shadow taking part. Nothing that the caller says is believed: not that
 * the image is this one, not its counter, not that the shadows are good.
 * @throws NetError `NOT_PERMITTED` for another master's proposal, `PROOF_INVALID` when it does not follow what the index has,
 *   `IMAGE_NOT_FOUND` when that is nothing or a deletion, `SHADOW_CORRUPT`, `IMAGE_CORRUPT`, what the slaves answer
 */
export async function secondRecord(
  { record: encoded }: CosignRecordRequest,
  caller: Member,
  ports: SecondRecordPorts & Required<AbortOptions>
): Promise<CosignRecordAnswer> {
  const proposal = decodedRecord(encoded)
  const { stored } = proposal.record
  if (stored === undefined || stored.cosign !== undefined)
    throw unproven('not a sharing that waits for a second master')
  if (stored.version.master !== caller.peer) throw new NetError('NOT_PERMITTED', "another master's proposal")
  verifyProposal(proposal, ports)
  const held = await heldBefore(stored, ports)
  if (!equals(encodeClaim(held.claim), encodeClaim(stored.claim))) throw unproven('another claim than the image has')
  if (stored.version.counter !== held.version.counter + 1) throw unproven('not one above what it replaces')
  checkSpread(stored, ports)
  await rebuildFromAll(stored, ports)
  const now = await heldBefore(stored, ports)
  if (now.version.counter !== held.version.counter) throw unproven('the image was shared anew meanwhile')
  return { signature: ports.signer.sign(cosignBytes(stored, ports.signer.self)) }
}

/** What the index has of the image; another master is caught up with when that is too old or nothing. */
async function heldBefore(
  { claim, version }: Stored,
  { records, replicator }: Pick<SecondRecordPorts, 'records' | 'replicator'>
): Promise<Stored> {
  const first = await find(claim.id, records)
  if (first !== undefined && first.version.counter >= version.counter - 1) return first
  await replicator.catchUp(version.master)
  const second = await find(claim.id, records)
  if (second !== undefined) return second
  throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored', { detail: { image: claim.id } })
}

async function find(image: ImageId, records: RecordStore): Promise<Stored | undefined> {
  const held = await records.get(image)
  if (held === undefined || held.record.stored !== undefined) return held?.record.stored
  throw new NetError('IMAGE_NOT_FOUND', 'the image was deleted', { detail: { image } })
}

/** @throws NetError `PROOF_INVALID` unless one shadow may go, and they lie on as many sites as this master's policy asks */
function checkSpread({ placement }: Stored, { roster, policy }: SecondRecordPorts): void {
  const { holders, total } = placement
  if (total < LEAST_TOTAL) throw unproven('too few shadows')
  const sites = new Set(holders.map(({ slave }) => roster.member(slave)?.site))
  if (sites.size < policy.minSites) throw unproven(`shadows at ${sites.size} sites, fewer than ${policy.minSites}`)
}

/** Fetch every shadow, and rebuild the image as often as it takes for each of them to have a part in it. */
async function rebuildFromAll(stored: Stored, ports: SecondRecordPorts & Required<AbortOptions>): Promise<void> {
  const { id: image, size, digest } = stored.claim
  const { holders, sharing, total } = stored.placement
  const { scheme, threshold } = readPlacement(stored, ports)
  if (threshold >= total) throw unproven('no shadow may go')
  const { macKey } = ports.keys
  const shadows: OpenedShadow[] = await Promise.all(
    holders.map(async ({ slave, number, bytes, digest: wanted }) => {
      const shadow = await getShadowFrom(slave, { image, sharing, number, bytes }, ports)
      if (!hasShadowDigest(shadow, { digest: wanted, master: stored.claim.master })) {
        throw new NetError('SHADOW_CORRUPT', 'the shadow has not its digest')
      }
      return scheme.open(shadow, { image, sharing, number, macKey })
    })
  )
  for (let from = 0; from < shadows.length; from += threshold) {
    const first = Math.min(from, shadows.length - threshold)
    scheme.rebuild(shadows.slice(first, first + threshold), { image, sharing, threshold, size, digest })
  }
}

function unproven(what: string): NetError {
  return new NetError('PROOF_INVALID', `not seconded: ${what}`)
}
