import { type AbortOptions, type Clock, deadline } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { PeerId, ShadowKey } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { Holder } from '../../indexing/image-record.ts'
import type { Receipt } from '../../indexing/proof.ts'
import { isReceiptOf, type Verifier } from '../proofs/verify-proof.ts'
import { type DropShadowRequest, dropShadow } from '../../protocols/drop-shadow.ts'
import { getShadow } from '../../protocols/get-shadow.ts'
import type { Network } from '../../protocols/network.ts'
import { putShadow } from '../../protocols/put-shadow.ts'
import type { PeerTable } from '../peers/peer-table.ts'

/** What a timed call to a slave needs. */
export interface SlaveCallPorts {
  readonly network: Network
  readonly peers: PeerTable
}

/** What it takes to have shadows dropped. */
export interface DropPorts {
  readonly network: Network
  readonly clock: Clock
  readonly log: Log
  /** Fires when the master stops: a drop outlives the request that caused it. */
  readonly stopping: AbortSignal
}

const UNIT_BYTES = 64 * 1024
const SLOWEST_BYTES_PER_MS = 1024 // 1 MiB/s: what a slave is waited for that was never timed
const SLACK = 4 // times the 95th percentile before a slave counts as hung
const DROP_PATIENCE_MS = 5_000
const FIRST_HEDGE_MS = 400 // for a slave that was never timed
const LEAST_HEDGE_MS = 20 // below this the clock of a busy machine decides, not the slave

/** How much work a shadow of `bytes` is: 1 for an empty one, 1 more for every 64 KiB. */
function workUnits(bytes: number): number {
  return 1 + bytes / UNIT_BYTES
}

/** A shadow to be kept, and for which try of its image. */
export interface ShadowToPut extends Omit<Receipt, 'bytes'> {
  readonly shadow: Uint8Array
}

/**
 * Have `slave` keep a shadow; resolves to its receipt once it is on its stable storage.
 * @throws NetError `PROOF_INVALID` when it did not sign for this shadow, or what it answers
 */
export async function putShadowAt(
  slave: PeerId,
  { shadow, ...put }: ShadowToPut,
  { peers, network, signer, signal }: SlaveCallPorts & { readonly signer: Verifier } & AbortOptions
): Promise<Uint8Array> {
  const { image, sharing, number } = put
  const { asked, counter } = put.origin
  const { receipt } = await peers.noted(slave, { kind: 'writes', units: workUnits(shadow.length) }, () =>
    network.request(slave, putShadow, { image, sharing, number, asked, counter, shadow }, { signal })
  )
  if (isReceiptOf(slave, { ...put, bytes: shadow.length, signature: receipt }, signer)) return receipt
  peers.get(slave)?.strike()
  throw new NetError('PROOF_INVALID', 'a slave did not sign for its shadow', { detail: { slave, number } })
}

/** Ask `slave` for a shadow; `bytes` is about how large it is. */
export async function getShadowFrom(
  slave: PeerId,
  { bytes, ...key }: ShadowKey & { readonly bytes: number },
  { peers, network, signal }: SlaveCallPorts & AbortOptions
): Promise<Uint8Array> {
  const { shadow } = await peers.noted(slave, { kind: 'reads', units: workUnits(bytes) }, () =>
    network.request(slave, getShadow, key, { signal })
  )
  return shadow
}

/** Have `slave` forget a shadow, with proof. False when it does not: the reconciling of its list drops it later. */
export async function dropShadowAt(
  slave: PeerId,
  { image, sharing, number, proof }: DropShadowRequest,
  { network, clock, log, stopping }: DropPorts
): Promise<boolean> {
  const limit = deadline(clock, DROP_PATIENCE_MS, { signal: stopping })
  try {
    await network.request(slave, dropShadow, { image, sharing, number, proof }, { signal: limit.signal })
    return true
  } catch (error) {
    if (!isNetError(error)) throw error
    log('shadow not dropped yet', { slave, reason: error.code })
    return false
  } finally {
    limit.clear()
  }
}

/** Have the shadows of one sharing forgotten wherever they may lie. */
export async function dropShadows(
  places: readonly Pick<Holder, 'slave' | 'number'>[],
  of: Omit<DropShadowRequest, 'number'>,
  ports: DropPorts
): Promise<void> {
  await Promise.all(places.map(({ slave, number }) => dropShadowAt(slave, { ...of, number }, ports)))
}

/**
 * How long `slave` may take to keep `bytes` before another is chosen, in ms: several times its own 95th percentile, and
 * never less than `leastMs`.
 */
export function putPatienceMs(
  slave: PeerId,
  bytes: number,
  { peers, leastMs }: { readonly peers: PeerTable; readonly leastMs: number }
): number {
  const usual = peers.get(slave)?.writes.p95(workUnits(bytes))
  const most = putShadow.timeoutMs
  if (usual === undefined) return Math.min(most, 2 * leastMs + bytes / SLOWEST_BYTES_PER_MS)
  return Math.min(most, Math.max(leastMs, SLACK * usual))
}

/** After how long `slave` is late with a shadow of `bytes`, in ms: its own 95th percentile. */
export function hedgeAfterMs(slave: PeerId, bytes: number, peers: PeerTable): number {
  const usual = peers.get(slave)?.reads.p95(workUnits(bytes))
  return usual === undefined ? FIRST_HEDGE_MS + bytes / SLOWEST_BYTES_PER_MS : Math.max(LEAST_HEDGE_MS, usual)
}
