import { encodeClaim } from '../../indexing/encode-record.ts'
import type { ListedRecord, ListRecordsAnswer, ListRecordsRequest } from '../../protocols/list-records.ts'
import { type HealthPorts, stateOf } from './report-health.ts'

// Records looked at for one request: what an owner with few images among many costs a master, in one go.
const MAX_SCANNED = 2000

/** The next stored images after one, of all owners or of one, each with its owner's claim and how it stands. */
export async function listImageRecords(
  { after, owner, limit }: ListRecordsRequest,
  ports: HealthPorts
): Promise<ListRecordsAnswer> {
  const records: ListedRecord[] = []
  let next = after
  for (let left = MAX_SCANNED; left > 0 && records.length < limit; ) {
    const page = await ports.records.list(next, Math.min(left, limit))
    if (page.length === 0) return { records }
    for (const { record } of page) {
      const { id, stored } = record
      if (records.length === limit) return { records, next }
      next = id
      if (stored === undefined || (owner !== undefined && stored.claim.owner !== owner)) continue
      records.push({ claim: encodeClaim(stored.claim), state: stateOf(stored, ports) })
    }
    left -= page.length
  }
  return { records, next }
}
