import type { AbortOptions } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import { originOf } from '../../indexing/image-record.ts'
import { isLater } from '../../indexing/proof.ts'
import { getRecords, type SealedRecord } from '../../protocols/get-records.ts'
import type { ListedShadow } from '../../protocols/list-shadows.ts'
import type { Network } from '../../protocols/network.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { type TakePorts, takeRecords } from '../replication/take-records.ts'
import type { RecordsBeside } from './records-beside.ts'

/** What learning records from slaves needs. */
export interface LearnPorts extends TakePorts {
  readonly network: Network
  readonly peers: PeerTable
  readonly beside: RecordsBeside
}

const MOST_ROUNDS = 8 // a thousand records of the largest size come in five messages
const REFUSALS = ['KEY_WRONG', 'MESSAGE_INVALID', 'SIGNATURE_INVALID', 'NOT_PERMITTED', 'PROOF_INVALID'] as const

/** Whether the record beside a listed shadow would be news to an index. What it knows to be deleted nothing brings back. */
export function isNews({ record, asked, counter, master }: ListedShadow, held: EncodedRecord | undefined): boolean {
  if (record === undefined || master === undefined) return false
  if (held === undefined) return true
  const { stored } = held.record
  return stored !== undefined && isLater({ asked, counter, master }, originOf(stored))
}

/**
 * Take the records that lie beside some shadows of a slave into the index: opened, verified like those of another master,
 * and only if they supersede what is held. Resolves to the images of which none came, each with an error code or
 * `SHADOW_MISSING` where the slave gave nothing.
 * @throws NetError what the slave answers; `MESSAGE_INVALID` when it gives what was not asked for: it is struck
 */
export async function learnRecords(
  slave: PeerId,
  wanted: readonly ListedShadow[],
  ports: LearnPorts & AbortOptions
): Promise<Map<ImageId, string>> {
  const { network, signal } = ports
  const failed = new Map<ImageId, string>(wanted.map(({ image }) => [image, 'SHADOW_MISSING']))
  let rest = wanted.map(({ image, sharing }) => ({ image, sharing }))
  for (let round = 0; rest.length > 0 && round < MOST_ROUNDS; round++) {
    const { records } = await network.request(slave, getRecords, { wanted: rest }, { signal })
    if (records.length === 0) break
    const next = placeOfLast(records, rest) + 1
    if (next === 0) throw notAsked(slave, ports)
    const reasons = await Promise.all(records.map(record => takeOne(record, ports))) // together they share a sync
    for (const [at, { image }] of records.entries()) {
      const reason = reasons[at]
      if (reason === undefined) failed.delete(image)
      else failed.set(image, reason)
    }
    rest = rest.slice(next)
  }
  return failed
}

/** Resolves to why a record was not taken; undefined when it, or one that supersedes it, is in the index now. */
async function takeOne({ sealed, ...of }: SealedRecord, ports: LearnPorts): Promise<string | undefined> {
  try {
    await takeRecords([ports.beside.seal.open(sealed, of)], ports)
    return undefined
  } catch (error) {
    if (!isNetError(error, ...REFUSALS)) throw error
    return error.code
  }
}

/** Where the last of some records stands among those asked for; -1 unless all were asked for, in that order. */
function placeOfLast(given: readonly SealedRecord[], asked: readonly Omit<SealedRecord, 'sealed'>[]): number {
  let at = -1
  for (const { image, sharing } of given) {
    at = asked.findIndex((each, place) => place > at && each.image === image && each.sharing === sharing)
    if (at < 0) return -1
  }
  return at
}

function notAsked(slave: PeerId, { peers }: LearnPorts): NetError {
  peers.get(slave)?.strike()
  return new NetError('MESSAGE_INVALID', 'a slave gives records that were not asked for', { detail: { slave } })
}
