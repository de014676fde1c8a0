import type { ImageRecord } from '../../indexing/image-record.ts'
import type { NetworkStatusAnswer } from '../../protocols/network-status.ts'
import type { MasterContext } from './master-ports.ts'
import { openThreshold } from '../placement/seal-threshold.ts'

const PAGE = 1000

/** How an image stands: all s holders have their shadow, at least r have, or fewer. */
export type Health = 'healthy' | 'degraded' | 'unreadable'

/** How an image stands by what its holders last answered. A holder that missed its beat counts as gone: better too dark than too bright. */
export function healthOf(
  { claim, placement }: NonNullable<ImageRecord['stored']>,
  { peers, losses, ports }: Pick<MasterContext, 'peers' | 'losses' | 'ports'>
): Health {
  const { sharing, holders, sealedThreshold, total } = placement
  const good = holders.filter(({ slave }) => peers.standing(slave) === 'alive' && !losses.has(slave, sharing)).length
  if (good >= total) return 'healthy'
  const { thresholdKey } = ports.keys
  const { threshold } = openThreshold(sealedThreshold, { image: claim.image, sharing, thresholdKey })
  return good >= threshold ? 'degraded' : 'unreadable'
}

/** The network as this master sees it: every image's health, every peer it knows. */
export async function reportHealth(context: MasterContext): Promise<NetworkStatusAnswer> {
  const { peers, ports, self } = context
  const count = { healthy: 0, degraded: 0, unreadable: 0 }
  for await (const { stored } of allRecords(context)) if (stored !== undefined) count[healthOf(stored, context)]++
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
  return { images, ...count, slaves, masters: [{ peer: self, alive: true, images: ports.records.size }, ...others] }
}

/** Every record of this master's index up to a sequence (its last one when left out), tombstones too, in order of arrival. */
export async function* allRecords(
  { ports }: Pick<MasterContext, 'ports'>,
  upTo: number = ports.records.lastSequence
): AsyncGenerator<ImageRecord> {
  for (let after = 0; after < upTo; ) {
    const page = await ports.records.changes(after, PAGE)
    if (page.length === 0) return
    for (const { sequence, record } of page) {
      if (sequence > upTo) return
      yield record
      after = sequence
    }
  }
}
