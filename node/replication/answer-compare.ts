import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { HeldRecord, RecordStore } from '../../indexing/record-store.ts'
import type {
  CompareIndexAnswer,
  CompareIndexRequest,
  ComparedRange,
  RangesAnswer
} from '../../protocols/compare-index.ts'
import { MAX_ITEMS, MAX_RECORDS_BYTES } from '../../protocols/limits.ts'

const ROOM_BYTES = 64 * 1024 // for the envelope of an answer
const MOST_SCANNED = 20_000 // records looked at for one request
const PAGE = 1000

/**
 * Answer `compare-index`: this master's digests, or the records in ranges that the caller does not hold as they are here.
 * @throws NetError `MESSAGE_INVALID` for ranges that are not in order
 */
export async function answerCompare(request: CompareIndexRequest, records: RecordStore): Promise<CompareIndexAnswer> {
  if ('ranges' in request) return giveRanges(request.ranges, records)
  const incarnation = Buffer.from(records.incarnation, 'hex')
  const last = records.lastSequence // before the digests: what comes meanwhile is told by neither, or by both
  return { incarnation, last, children: request.nodes.map(node => records.digests.children(node)) }
}

async function giveRanges(ranges: readonly ComparedRange[], records: RecordStore): Promise<RangesAnswer> {
  checkOrder(ranges)
  const given: Uint8Array[] = []
  let [bytes, scanned] = [ROOM_BYTES, 0]
  for (const { after, upTo, held } of ranges) {
    const known = new Map(held.map(({ id, digest }) => [id, digest]))
    for (let from = after; ; ) {
      const page = await records.held(from, upTo, PAGE)
      const fresh = page.filter(each => !isKnown(each, known)).slice(0, MAX_ITEMS - given.length + 1)
      for (const each of await records.getMany(fresh.map(({ id }) => id))) {
        if (each === undefined) continue
        bytes += each.encoded.length + 8
        if (given.length === MAX_ITEMS || bytes > MAX_RECORDS_BYTES)
          return { records: given, reached: before(each.record.id) }
        given.push(each.encoded)
      }
      scanned += page.length
      from = page.length < PAGE ? upTo : page[page.length - 1].id
      if (scanned >= MOST_SCANNED) return { records: given, reached: from }
      if (from === upTo) break
    }
  }
  return { records: given }
}

function isKnown({ id, digest }: HeldRecord, known: ReadonlyMap<ImageId, Uint8Array>): boolean {
  const theirs = known.get(id)
  return theirs !== undefined && Buffer.compare(digest, theirs) === 0
}

/** The id before an image's; of the first there is none, and it is always given. */
function before(id: ImageId): ImageId {
  return (BigInt(`0x${id}`) - 1n).toString(16).padStart(id.length, '0') as ImageId
}

function checkOrder(ranges: readonly ComparedRange[]): void {
  for (const [at, { after, upTo }] of ranges.entries()) {
    const isBehind = at === 0 || (after !== undefined && after >= ranges[at - 1].upTo)
    if (!isBehind || (after !== undefined && after >= upTo))
      throw new NetError('MESSAGE_INVALID', 'ranges out of order')
  }
}
