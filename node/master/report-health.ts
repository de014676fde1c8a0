import type { Clock } from '../../base/clock.ts'
import { isNetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { keptFor } from '../../base/kept-for.ts'
import type { Log } from '../../base/log.ts'
import type { ImageRecord, Placement } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { ImageState } from '../../protocols/list-records.ts'
import { MAX_PEERS, type NetworkStatusAnswer } from '../../protocols/network-status.ts'
import { type CoveragePorts, indexCoverage } from './index-coverage.ts'
import type { QuotaPolicy } from './owner-quota.ts'
import type { LossLedger } from '../placement/loss-ledger.ts'
import type { ShadowCensus } from './shadow-census.ts'
import { type ReadPlacementPorts, readPlacement } from '../placement/read-placement.ts'

const PAGE = 1000
const KEPT_MS = 2_000 // to make one reads the whole index

/** What a report of the network's health is made from. */
export interface HealthPorts extends ReadPlacementPorts, CoveragePorts {
  readonly losses: LossLedger
  readonly census: ShadowCensus
  readonly policy: QuotaPolicy
  readonly log: Log
}

/**
 * The network as this master sees it: every image's health by what its holders last answered, every peer it knows. A
 * holder that missed its beat counts as gone: better too dark than too bright.
 */
export async function reportHealth(
  ports: HealthPorts,
  repair: NetworkStatusAnswer['repair']
): Promise<NetworkStatusAnswer> {
  const { peers, records } = ports
  const count = { healthy: 0, degraded: 0, unreadable: 0 }
  const named = new Map<PeerId, number>()
  let [unknown, auditFailures] = [0, 0]
  for await (const { stored } of allRecords(records)) {
    if (stored === undefined) continue
    for (const { slave } of stored.placement.holders) named.set(slave, (named.get(slave) ?? 0) + 1)
    const threshold = thresholdOf(stored, ports)
    if (threshold === undefined) unknown++
    count[healthOf(stored.placement, threshold, ports)]++
    const { holders, sharing } = stored.placement
    auditFailures += holders.filter(({ slave }) => ports.losses.wasAsked(slave, sharing)).length
  }
  if (unknown > 0) ports.log('placements that this master cannot read', { images: unknown })
  const slaves = peers.known('slave').map(({ member, standing, vitals }) => ({
    peer: member.peer,
    site: member.site,
    alive: standing === 'alive',
    shadows: vitals?.shadows ?? 0,
    freeBytes: vitals?.freeBytes ?? 0,
    trashed: vitals?.trashed ?? 0,
    refusedDrops: vitals?.refusedDrops ?? 0,
    leaving: vitals?.leaving ?? false,
    images: named.get(member.peer) ?? 0
  }))
  const images = count.healthy + count.degraded + count.unreadable
  const { unknown: unknownShadows, isBehind: behind } = ports.census
  return {
    ageMs: 0,
    images,
    ...count,
    auditFailures,
    unknownShadows,
    behind,
    repair,
    coverage: indexCoverage(ports),
    slaves,
    masters: mastersOf(ports),
    owners: ownersOf(ports)
  }
}

function mastersOf({ network, peers, records }: HealthPorts): NetworkStatusAnswer['masters'] {
  const others = peers
    .known('master')
    .filter(({ member }) => member.peer !== network.self)
    .map(({ member, standing, vitals }) => ({
      peer: member.peer,
      alive: standing === 'alive',
      images: vitals?.images ?? 0
    }))
  return [{ peer: network.self, alive: true, images: records.size }, ...others]
}

/** Gives every caller the last of these reports, made anew when it is older than 2 s, with its age. */
export function agedReports(
  make: () => Promise<NetworkStatusAnswer>,
  clock: Clock
): () => Promise<NetworkStatusAnswer> {
  const last = keptFor(KEPT_MS, async () => ({ report: await make(), madeAt: clock.monotonic() }), clock)
  return async () => {
    const { report, madeAt } = await last()
    return { ...report, ageMs: Math.round(clock.monotonic() - madeAt) }
  }
}

/** What each owner has stored, most bytes first, and may have; as many as an answer carries. */
function ownersOf({ records, policy }: Pick<HealthPorts, 'records' | 'policy'>): NetworkStatusAnswer['owners'] {
  const { quotaBytes, quotaImages } = policy
  return [...records.usages()]
    .map(([peer, usage]) => ({ peer, ...usage, quotaBytes, quotaImages }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MAX_PEERS)
}

/** How one image stands, by what its holders last answered. */
export function stateOf(stored: NonNullable<ImageRecord['stored']>, ports: HealthPorts): ImageState {
  return healthOf(stored.placement, thresholdOf(stored, ports), ports)
}

/** How one image stands with so many good shadows. */
export function stateWith(
  stored: NonNullable<ImageRecord['stored']>,
  good: number,
  ports: ReadPlacementPorts
): ImageState {
  return healthWith(good, thresholdOf(stored, ports), stored.placement.total)
}

function thresholdOf(stored: NonNullable<ImageRecord['stored']>, ports: ReadPlacementPorts): number | undefined {
  try {
    return readPlacement(stored, ports).threshold
  } catch (error) {
    if (isNetError(error, 'IMAGE_CORRUPT')) return undefined
    throw error
  }
}

function healthOf(
  { sharing, holders, total }: Placement,
  threshold: number | undefined,
  { peers, losses }: Pick<HealthPorts, 'peers' | 'losses'>
): ImageState {
  const good = holders.filter(({ slave }) => peers.standing(slave) === 'alive' && !losses.has(slave, sharing)).length
  return healthWith(good, threshold, total)
}

function healthWith(good: number, threshold: number | undefined, total: number): ImageState {
  if (threshold === undefined || good < threshold) return 'unreadable'
  return good >= total ? 'healthy' : 'degraded'
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
