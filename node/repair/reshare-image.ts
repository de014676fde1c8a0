import type { AbortOptions } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { cosignBytes } from '../../indexing/encode-record.ts'
import { type EncodedRecord, signedRecord } from '../../indexing/encoded-record.ts'
import type { Cosign, Holder, Placement, Stored } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { cosignRecord } from '../../protocols/cosign-record.ts'
import { giveUp } from '../placement/abandoned-sharings.ts'
import type { BegunSharing } from '../placement/sharing-journal.ts'
import { type PlaceImagePorts, placeImage } from '../placement/place-image.ts'
import { rebuildImage, type RebuildPorts } from '../placement/rebuild-image.ts'
import { dropShadows } from '../placement/slave-calls.ts'
import type { Replicator } from '../replication/replicate.ts'

/** What sharing an image anew needs. */
export interface ReshareImagePorts extends PlaceImagePorts, RebuildPorts {
  readonly records: RecordStore
  readonly replicator: Replicator
  /** Puts a record, sealed, beside the shadows that it names. */
  readonly beside: { putAll(record: EncodedRecord, options: AbortOptions): Promise<unknown> }
  /** The other masters that live, in the order in which they are asked to second. */
  readonly seconds: readonly PeerId[]
}

/**
 * Share an image anew: rebuilt from r good shadows, with a fresh (r, s) on slaves that live, seconded by another master that
 * rebuilt it from the new shadows itself, committed, and only then the old shadows dropped on the proof of the new record. On
 * failure nothing stays behind but what the journal remembers.
 * @throws NetError `NOT_ENOUGH_SHADOWS`, `NOT_ENOUGH_SLAVES`, `NOT_ENOUGH_MASTERS`, or the signal's reason
 */
export async function reshareImage(stored: Stored, ports: ReshareImagePorts & Required<AbortOptions>): Promise<void> {
  const { claim } = stored
  await ports.replicator.checkReach()
  const encrypted = await rebuildImage(stored, ports)
  const counter = stored.version.counter + 1
  const placement = await placeAnew(stored, encrypted, ports)
  const given = {
    image: claim.id,
    sharing: placement.sharing,
    origin: { asked: claim.time, counter, master: ports.signer.self }
  }
  const record = await seconded({ claim, placement, counter }, ports).catch(async error => {
    await giveUp(placement.holders, given, ports)
    throw error
  })
  const kept = await commit(record, { given, holders: placement.holders }, ports)
  await ports.abandoned.end(given)
  void ports.beside.putAll(record, { signal: ports.stopping })
  // While a master may still read by the old record its shadows stay, and go by the comparing of lists.
  if (kept > ports.replicator.others().length) await dropOld(stored, record, ports)
}

/** Keep the record here and at enough others; resolves to how many masters have it. */
async function commit(
  record: EncodedRecord,
  { given, holders }: { readonly given: BegunSharing; readonly holders: readonly Holder[] },
  ports: ReshareImagePorts & Required<AbortOptions>
): Promise<number> {
  try {
    return (await ports.replicator.commit(record, { signal: ports.signal })).length
  } catch (error) {
    // Given up only when no other master can have kept it: a full disk here comes after the others have it.
    const isNowhere = isNetError(error, 'NOT_ENOUGH_MASTERS') && error.detail.unsure === 0
    if (isNowhere) await giveUp(holders, given, ports)
    else ports.abandoned.note(given, ports.clock.monotonic())
    throw error
  }
}

/** On other slaves than those that lost theirs, if there are enough of them. */
async function placeAnew(
  { claim, version, placement }: Stored,
  encrypted: Uint8Array,
  ports: ReshareImagePorts & Required<AbortOptions>
): Promise<Placement> {
  const { losses } = ports
  const toPlace = { claim, encrypted, counter: version.counter + 1 }
  const lossy = placement.holders.filter(({ slave }) => losses.has(slave, placement.sharing)).map(({ slave }) => slave)
  try {
    return await placeImage({ ...toPlace, except: new Set(lossy) }, ports)
  } catch (error) {
    if (lossy.length === 0 || !isNetError(error, 'NOT_ENOUGH_SLAVES')) throw error
    return placeImage(toPlace, ports)
  }
}

/** The record with the word of the first master that gives it. @throws NetError `NOT_ENOUGH_MASTERS` when none does */
async function seconded(
  { claim, placement, counter }: Pick<Stored, 'claim' | 'placement'> & { readonly counter: number },
  { clock, signer, seconds, network, signal, log }: ReshareImagePorts & Required<AbortOptions>
): Promise<EncodedRecord> {
  const version = { counter, master: signer.self }
  const unsigned = { version, time: Math.floor(clock.now()), claim, placement }
  const withCosign = (cosign: Cosign | undefined): EncodedRecord =>
    signedRecord({ ...unsigned, cosign }, bytes => signer.sign(bytes))
  const proposal = withCosign(undefined).encoded
  for (const master of seconds) {
    try {
      const { signature } = await network.request(master, cosignRecord, { record: proposal }, { signal })
      if (signer.verify(master, cosignBytes(unsigned, master), signature)) return withCosign({ master, signature })
      log('a master seconded something else', { master, image: claim.id })
    } catch (error) {
      if (!isNetError(error) || signal.aborted) throw error
      log('not seconded', { master, image: claim.id, reason: error.code })
    }
  }
  const detail = { have: 1, need: 2, unsure: 0 }
  throw new NetError('NOT_ENOUGH_MASTERS', 'no other master seconded the sharing anew', { detail })
}

async function dropOld(
  { claim, placement }: Stored,
  record: EncodedRecord,
  ports: Pick<ReshareImagePorts, 'peers' | 'losses' | 'network' | 'clock' | 'log' | 'stopping'>
): Promise<void> {
  const { sharing } = placement
  const here = placement.holders.filter(({ slave }) => ports.peers.standing(slave) === 'alive') // a damaged one, too
  await dropShadows(here, { image: claim.id, sharing, proof: [record.encoded] }, ports)
  for (const { slave } of placement.holders) ports.losses.clear(slave, sharing)
}
