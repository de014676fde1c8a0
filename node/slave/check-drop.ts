import { isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { decodeAbort, decodeDeletion } from '../../indexing/encode-proof.ts'
import { decodedRecord, type EncodedRecord } from '../../indexing/encoded-record.ts'
import { originOf } from '../../indexing/image-record.ts'
import { type Abort, isLater, type Origin } from '../../indexing/proof.ts'
import type { DropReason, ShadowEntry } from '../../storage/shadow-store.ts'
import { isAbortOf, verifyDeletion } from '../proofs/verify-proof.ts'
import { type VerifyPorts, verifyRecord } from '../proofs/verify-record.ts'

/** What it takes to judge why a shadow should go. */
export interface CheckDropPorts extends VerifyPorts {
  /** This slave. */
  readonly self: PeerId
  /** The time now, ms since 1970. */
  readonly now: number
  /** For so long after it was put may the master that put a shadow take it back, in ms. */
  readonly abortGraceMs: number
}

const LEAST_TOTAL = 3 // a record that says it keeps the image elsewhere must say so of several slaves

/**
 * Why a shadow may go, by what a master brings to prove it; no master's mere word is enough. Either the owner's deletion of its
 * image; or a complete record of the image, of a later sharing, or of its own sharing without this slave among the
 * holders; or the word of the master that put it, soon after; or that of every master of the roster.
 * @throws NetError `PROOF_INVALID` when none of these is proven, and what is wrong with a record or deletion
 */
export function checkDrop(entry: ShadowEntry, proof: readonly Uint8Array[], ports: CheckDropPorts): DropReason {
  const [first] = proof
  const deletion = proof.length === 1 ? readAs(first, decodeDeletion) : undefined
  if (deletion !== undefined) {
    if (deletion.id !== entry.image) throw unproven('a deletion of another image')
    verifyDeletion(deletion, ports.signer)
    return 'deleted'
  }
  const record = proof.length === 1 ? readAs(first, decodedRecord) : undefined
  if (record !== undefined) return checkRecord(entry, record, ports)
  checkAborts(
    entry,
    proof.map(bytes => readAs(bytes, decodeAbort)),
    ports
  )
  return 'aborted'
}

function checkRecord(entry: ShadowEntry, record: EncodedRecord, ports: CheckDropPorts): DropReason {
  const { id, stored } = record.record
  if (id !== entry.image) throw unproven('a record of another image')
  verifyRecord(record, ports)
  if (stored === undefined) return 'deleted'
  const { holders, sharing, total } = stored.placement
  if (total < LEAST_TOTAL) throw unproven('a record of too few shadows')
  const [mine, other] = [entryOrigin(entry), originOf(stored)]
  if (sharing !== entry.sharing) {
    if (isLater(other, mine)) return 'replaced'
    throw unproven('a record of a sharing that is no later')
  }
  const isOwn = !isLater(other, mine) && !isLater(mine, other)
  if (isOwn && holders.every(({ slave }) => slave !== ports.self)) return 'replaced'
  throw unproven('a record that names this shadow')
}

function checkAborts(entry: ShadowEntry, aborts: readonly (Abort | undefined)[], ports: CheckDropPorts): void {
  const { signer, roster, now, abortGraceMs } = ports
  const { image, sharing } = entry
  const origin = entryOrigin(entry)
  const fits = (abort: Abort | undefined): abort is Abort =>
    abort?.image === image && abort.sharing === sharing && isSame(abort.origin, origin)
  if (!aborts.every(fits)) throw unproven('not the word of a master on this sharing')
  const isSigned = (master: PeerId): boolean => aborts.some(abort => isAbortOf(master, abort, signer))
  const isRecent = Math.abs(now - entry.putAt) <= abortGraceMs
  if (isRecent && isMaster(origin.master, ports) && isSigned(origin.master)) return
  const masters = roster.withRole('master')
  if (masters.length > 0 && masters.every(isSigned)) return
  throw unproven(isRecent ? 'not the word of the master that put it' : 'too late for the master that put it alone')
}

function isMaster(peer: PeerId, { roster }: CheckDropPorts): boolean {
  return roster.member(peer)?.roles.includes('master') === true
}

function isSame(a: Origin, b: Origin): boolean {
  return a.asked === b.asked && a.counter === b.counter && a.master === b.master
}

/** @throws NetError `PROOF_INVALID` for a shadow of version 1, which no proof of today speaks of */
function entryOrigin({ asked, counter, master }: ShadowEntry): Origin {
  if (master === undefined) throw unproven('nobody knows who put this shadow')
  return { asked, counter, master }
}

function readAs<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T | undefined {
  try {
    return decode(bytes)
  } catch (error) {
    if (isNetError(error, 'MESSAGE_INVALID')) return undefined
    throw error
  }
}

function unproven(what: string): NetError {
  return new NetError('PROOF_INVALID', `the shadow stays: ${what}`)
}
