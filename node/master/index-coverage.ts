import type { RecordStore } from '../../indexing/record-store.ts'
import type { Network } from '../../protocols/network.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { Replicator } from '../replication/replicate.ts'

/** What it takes to say how much of the index is here. */
export interface CoveragePorts {
  readonly records: RecordStore
  readonly network: Network
  readonly peers: PeerTable
  readonly replicator: Pick<Replicator, 'hasCaughtUpWith'>
}

/** All of the index, per mille. */
const ALL = 1000

/**
 * How much of the index this master has, per mille of the images that the fullest of the masters says it has with which it has
 * not caught up yet since it started; undefined for all of it. Another master's word: it may make this one look emptier, not fuller.
 */
export function indexCoverage({ records, network, peers, replicator }: CoveragePorts): number | undefined {
  const told = peers
    .alive('master')
    .filter(({ member: { peer } }) => peer !== network.self && !replicator.hasCaughtUpWith(peer))
    .map(({ vitals }) => vitals?.images ?? 0)
  const most = Math.max(0, ...told)
  return records.size < most ? Math.floor((ALL * records.size) / most) : undefined
}
