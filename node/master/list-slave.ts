import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId, ShadowKey } from '../../base/ids.ts'
import { MAX_ITEMS } from '../../protocols/limits.ts'
import { type ListedShadow, listShadows } from '../../protocols/list-shadows.ts'
import type { Network } from '../../protocols/network.ts'
import type { PeerTable } from '../peers/peer-table.ts'

/** What reading a slave's list needs. */
export interface ListSlavePorts {
  readonly network: Network
  readonly peers: PeerTable
}

const SPARE_ENTRIES = 1000 // put while the list was read, or since the slave last told
const SPARE_SHARE = 0.1
const MOST_ENTRIES = 2 ** 24 // of one slave, whatever it says: 0.5 TB of 32 KiB shadows

/**
 * A slave's list, page by page, in strict key order and no longer than what the slave says it holds. Whoever asks decides
 * when it ends: a slave could otherwise answer for ever.
 * @throws NetError `MESSAGE_INVALID` at the first entry out of order or beyond what it holds; the slave is struck. What the
 *   slave answers
 */
export async function* listSlave(
  slave: PeerId,
  { network, peers, signal }: ListSlavePorts & AbortOptions
): AsyncGenerator<readonly ListedShadow[]> {
  let after: ShadowKey | undefined
  for (let listed = 0; ; ) {
    const { entries } = await network.request(slave, listShadows, { after, limit: MAX_ITEMS }, { signal })
    for (const { image, sharing, number } of entries) {
      const key = { image, sharing, number }
      if (after !== undefined && !isAfter(key, after)) throw falseList(slave, peers, 'out of order')
      after = key
    }
    listed += entries.length
    if (listed > mostOf(slave, peers)) throw falseList(slave, peers, 'longer than what it says it holds')
    yield entries
    if (entries.length < MAX_ITEMS) return
  }
}

function mostOf(slave: PeerId, peers: PeerTable): number {
  const said = peers.get(slave)?.vitals?.shadows ?? MOST_ENTRIES
  return Math.min(MOST_ENTRIES, said + Math.floor(said * SPARE_SHARE) + SPARE_ENTRIES)
}

function falseList(slave: PeerId, peers: PeerTable, why: string): NetError {
  peers.get(slave)?.strike()
  return new NetError('MESSAGE_INVALID', `a slave's list is ${why}`, { detail: { slave } })
}

/** Key order: image, sharing, number. */
function isAfter(key: ShadowKey, other: ShadowKey): boolean {
  if (key.image !== other.image) return key.image > other.image
  return key.sharing !== other.sharing ? key.sharing > other.sharing : key.number > other.number
}
