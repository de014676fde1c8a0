import type { ImageRecord } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { Network } from '../../protocols/network.ts'
import type { NetworkStatusAnswer } from '../../protocols/network-status.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { LossLedger } from '../placement/loss-ledger.ts'
import type { MasterKeys } from '../placement/place-image.ts'
import { openThreshold } from '../placement/seal-threshold.ts'

const PAGE = 1000

/** How an image stands: all s holders have their shadow, at least r have, or fewer. */
export type Health = 'healthy' | 'degraded' | 'unreadable'

/** By what an image's health is judged. */
export interface HealthPorts {
  readonly peers: PeerTable
  readonly losses: LossLedger
  readonly keys: MasterKeys
}

/** How an image stands by what its holders last answered. A holder that missed its beat counts as gone: better too dark than too bright. */
export function healthOf(
  { claim, placement }: NonNullable<ImageRecord['stored']>,
  { peers, losses, keys }: HealthPorts
): Health {
  const { sharing, holders, sealedThreshold, total } = placement
  const good = holders.filter(({ slave }) => peers.standing(slave) === 'alive' && !losses.has(slave, sharing)).length
  if (good >= total) return 'healthy'
  const { thresholdKey } = keys
  const { threshold } = openThreshold(sealedThreshold, { image: claim.id, sharing, thresholdKey })
  return good >= threshold ? 'degraded' : 'unreadable'
}

/** The network as this master sees it: every image's health, every peer it knows. */
export async function reportHealth(
  ports: HealthPorts & { readonly records: RecordStore; readonly network: Network }
): Promise<NetworkStatusAnswer> {
  const { peers, records } = ports
  const { self } = ports.network
  const count = { healthy: 0, degraded: 0, unreadable: 0 }
  for await (const { stored } of allRecords(records)) if (stored !== undefined) count[healthOf(stored, ports)]++
  const slaves = peers.known('slave').map(({ member, standing, vitals }) => ({
    peer: member.peer,
    site: member.site,
    alive: standing === 'alive',
    shadows: vitals?.shadows ?? 0,
    freeBytes: vitals?.freeBytes ?? 0
  }))
  const others = peers
    .known('master')
    .filter(({ member }) => member.peer !== self)
    .map(({ member, standing, vitals }) => ({
      peer: member.peer,
      alive: standing === 'alive',
      images: vitals?.images ?? 0
    }))
  const images = count.healthy + count.degraded + count.unreadable
  return { images, ...count, slaves, masters: [{ peer: self, alive: true, images: records.size }, ...others] }
}

/** Every record of a master's index up to a sequence (its last one when left out), tombstones too, in order of arrival. */
export async function* allRecords(
  records: RecordStore,
  upTo: number = records.lastSequence
): AsyncGenerator<ImageRecord> {
  for (let after = 0; after < upTo; ) {
    const page = await records.changes(after, PAGE)
    if (page.length === 0) return
    for (const { sequence, record } of page) {
      if (sequence > upTo) return
      yield record
      after = sequence
    }
  }
}
