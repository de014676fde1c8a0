import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import { DIGEST_BYTES, DIGEST_FAN_OUT, DIGEST_NODES } from '../../base/limits.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import {
  type CompareNodes,
  type CompareRanges,
  type ComparedRange,
  MAX_NODES,
  MAX_RANGES,
  type NodesAnswer,
  type RangesAnswer
} from '../../protocols/compare-index.ts'

/** How two indexes are compared, and what is done with the difference. */
export interface ComparePorts {
  readonly records: Pick<RecordStore, 'digests' | 'held'>
  askNodes(request: CompareNodes): Promise<NodesAnswer>
  askRanges(request: CompareRanges): Promise<RangesAnswer>
  /** Take what verifies and lies in these ranges; resolves to how many were taken, and refused. */
  take(records: readonly Uint8Array[], ranges: readonly ComparedRange[]): Promise<Taken>
}

/** What became of records that another master gave. */
export interface Taken {
  readonly taken: number
  readonly refused: number
}

const LEVELS = 4
const MOST_HELD = 1000 // in one range: a bucket of more is compared in pieces
const HELD_IN_REQUEST = 6000 // at some 85 bytes each
const LAST = 'f'.repeat(64) as ImageId
const REST = 'f'.repeat(60)
const MOST_REQUESTS = 20_000 // of 256 buckets each, or 1,000 records: twenty million images
const MOST_REFUSED = 2000 // as many as a catch-up
const MOST_SHORT = 64 // answers that end early with little in them
const LEAST_PAGE = 100 // the largest records of 64 KiB: 255 fill an answer

/**
 * Take over what another master holds and this one does not, wherever it comes from: go down the two trees of digests to the
 * buckets that differ, and ask for what is in them, but for what is held alike. However the other answers: requests, answers
 * that end early and refused records are limited, and each answer must go on.
 * @param top the other's children of the root
 * @throws NetError `MESSAGE_INVALID` when the other does not come to an end in this way
 */
export async function compareIndexes(top: Uint8Array, ports: ComparePorts): Promise<Taken> {
  const buckets = await differingBuckets(top, ports)
  const left = { requests: MOST_REQUESTS, short: MOST_SHORT, refused: MOST_REFUSED }
  let taken = 0
  for await (const asked of rangesOf(buckets, ports.records)) {
    for (let ranges = asked; ranges.length > 0; ) {
      spend(left, 'requests')
      const { records, reached } = await ports.askRanges({ ranges })
      const result = await ports.take(records, ranges)
      taken += result.taken
      spend(left, 'refused', result.refused)
      if (reached === undefined) break
      if (records.length < LEAST_PAGE) spend(left, 'short')
      ranges = behind(reached, ranges)
    }
  }
  return { taken, refused: MOST_REFUSED - left.refused }
}

/** The numbers of the buckets that differ, in order: level by level, up to 256 nodes in one request. */
async function differingBuckets(top: Uint8Array, { records, askNodes }: ComparePorts): Promise<number[]> {
  let nodes = differing(0, top, records)
  for (let level = 1; level < LEVELS; level++) {
    const next: number[] = []
    for (let at = 0; at < nodes.length; at += MAX_NODES) {
      const asked = nodes.slice(at, at + MAX_NODES)
      const { children } = await askNodes({ nodes: asked })
      if (children.length !== asked.length) throw new NetError('MESSAGE_INVALID', 'digests of other nodes')
      for (const [which, node] of asked.entries()) next.push(...differing(node, children[which], records))
    }
    nodes = next
  }
  return nodes.map(node => node - DIGEST_NODES)
}

/** The children of a node that are not as the other says. */
function differing(node: number, theirs: Uint8Array, { digests }: Pick<RecordStore, 'digests'>): number[] {
  const mine = digests.children(node)
  const found: number[] = []
  for (let at = 0; at < DIGEST_FAN_OUT; at++) {
    const [from, to] = [at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES]
    if (mine.compare(theirs, from, to, from, to) !== 0) found.push(DIGEST_FAN_OUT * node + 1 + at)
  }
  return found
}

/** What is held in these buckets, in portions for one request each. */
async function* rangesOf(
  buckets: readonly number[],
  records: Pick<RecordStore, 'held'>
): AsyncGenerator<readonly ComparedRange[]> {
  let ranges: ComparedRange[] = []
  let count = 0
  for (const bucket of buckets) {
    const end = `${hexOf(bucket)}${REST}` as ImageId
    for (let after = bucket === 0 ? undefined : (`${hexOf(bucket - 1)}${REST}` as ImageId); ; ) {
      const held = await records.held(after, end, MOST_HELD)
      const isPart = held.length === MOST_HELD
      const upTo = isPart ? held[held.length - 1].id : end
      if (ranges.length === MAX_RANGES || count + held.length > HELD_IN_REQUEST) {
        yield ranges
        ranges = []
        count = 0
      }
      ranges.push({ after, upTo, held })
      count += held.length
      if (!isPart) break
      after = upTo
    }
  }
  if (ranges.length > 0) yield ranges
}

/** What is left of ranges behind an image. @throws NetError `MESSAGE_INVALID` unless it lies within them and goes on */
function behind(reached: ImageId, ranges: readonly ComparedRange[]): ComparedRange[] {
  const [{ after }] = ranges
  const last = ranges[ranges.length - 1].upTo
  if ((after !== undefined && reached <= after) || reached > last) {
    throw new NetError('MESSAGE_INVALID', 'a comparison that does not go on')
  }
  return ranges
    .filter(({ upTo }) => upTo > reached)
    .map(range => {
      if (range.after !== undefined && range.after >= reached) return range
      return { ...range, after: reached, held: range.held.filter(({ id }) => id > reached) }
    })
}

function hexOf(bucket: number): string {
  return bucket.toString(16).padStart(LAST.length - REST.length, '0')
}

function spend<K extends string>(left: Record<K, number>, what: K, count = 1): void {
  left[what] -= count
  if (left[what] < 0) throw new NetError('MESSAGE_INVALID', `a comparison without end: too many ${what}`)
}
