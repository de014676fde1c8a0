import type { ImageId, PeerId } from '../../base/ids.ts'
import { decodeRecord } from '../../indexing/encode-record.ts'
import type { ImageRecord, Placement } from '../../indexing/image-record.ts'
import { openThreshold } from '../../node/placement/seal-threshold.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { VirtualCluster, VirtualPeer } from '../virtual/virtual-cluster.ts'
import { RECORD_FILES } from '../virtual/virtual-record-store.ts'
import { entryOf, SHADOW_FILES } from '../virtual/shadow-file-names.ts'
import { hasShadowDigest } from '../../base/shadow-digest.ts'

/** What an invariant looks at. It stands outside the world: it sees every disk. */
interface Checked {
  readonly cluster: VirtualCluster
  readonly ledger: Ledger
}

/** A promise that every history must keep. One file of this folder each; `invariants.ts` lists them. */
export interface Invariant {
  readonly about: string
  /**
   * `moment`: holds at any time. `calm`: while no fault begins, which takes virtual time to see. `quiet`: once all peers
   * are up, the network is whole and some minutes have passed. `settled`: once that has lasted longer than orphans are
   * left. `stored`: when a store has just been acknowledged.
   */
  readonly when: 'moment' | 'calm' | 'quiet' | 'settled' | 'stored'
  /** What is broken, or undefined. `stored` is the image just acknowledged. */
  readonly check: (checked: Checked, stored?: LedgerEntry) => Promise<string | undefined> | string | undefined
}

/** The records on a master's disk; `safe` as a crash would leave them. */
export function recordsOf({ disk }: VirtualPeer, { safe = false } = {}): Map<ImageId, ImageRecord> {
  const records = new Map<ImageId, ImageRecord>()
  for (const name of disk.names(RECORD_FILES)) {
    const bytes = safe ? disk.peekSafe(name) : disk.peek(name)
    if (bytes === undefined) continue
    const record = decodeRecord(bytes.subarray(8))
    records.set(record.id, record)
  }
  return records
}

/** The shadows on a slave's disk that still are what they were: by `sharing/number/digest`. */
function goodShadowsOf({ disk }: VirtualPeer, { safe = false } = {}): Set<string> {
  const good = new Set<string>()
  for (const name of disk.names(SHADOW_FILES)) {
    const bytes = safe ? disk.peekSafe(name) : disk.peek(name)
    const entry = entryOf(name)
    if (bytes === undefined || !hasShadowDigest(bytes, entry)) continue
    good.add(`${entry.sharing}/${entry.number}/${entry.digest}`)
  }
  return good
}

/** Holders of a placement whose shadow is whole. */
export function wholeHolders(placement: Placement, cluster: VirtualCluster, options?: { safe: boolean }): PeerId[] {
  return placement.holders
    .filter(({ slave, number, digest }) => {
      const peer = cluster.peers.get(slave)
      return peer !== undefined && goodShadowsOf(peer, options).has(`${placement.sharing}/${number}/${digest}`)
    })
    .map(({ slave }) => slave)
}

/** The threshold r inside a placement; the checker holds every key. */
export function thresholdOf(image: ImageId, placement: Placement, cluster: VirtualCluster): number {
  const { thresholdKey } = cluster.keys
  return openThreshold(placement.sealedThreshold, { image, sharing: placement.sharing, thresholdKey }).threshold
}

/** Whether a peer is up, awake, honest, not cut off, and not so slow that the network takes it for dead. */
export function isSound({ peer, life }: VirtualPeer, cluster: VirtualCluster): boolean {
  const { internet } = cluster.world
  if (life === undefined || life.network.frozen || life.network.tamper !== undefined) return false
  if (!internet.inDialLimit(peer)) return false
  return internet.find(peer) === life.network && [...cluster.peers.keys()].every(other => internet.reaches(peer, other))
}
