import { NetError } from '../../base/errors.ts'
import { MAX_RECORD_BYTES } from '../../base/limits.ts'
import { MAX_ITEMS, MAX_RECORDS_BYTES } from '../../protocols/limits.ts'
import type { PulledRecords, PullRecords } from '../../protocols/sync-records.ts'

/** How another master's changes are asked for, and what is done with them. */
export interface PullPorts {
  /** Up to where they are known. */
  readonly after: number
  /** Ask for a page. */
  ask(request: PullRecords): Promise<PulledRecords>
  /** Take what verifies; resolves to how many were refused. */
  take(records: readonly Uint8Array[]): Promise<number>
  /** All up to this sequence is known from now on: what was taken is on stable storage. */
  reached(sequence: number): Promise<void> | void
}

const RESTARTS = 1 // a disk is lost once in a catch-up, not again and again
const LEAST_PAGE = Math.floor(MAX_RECORDS_BYTES / MAX_RECORD_BYTES / 2) // a page that is not the last holds twice as many
const SHORT_PAGES = 4 // changes that come while one asks
const MOST_PAGES = 2000 // two million images; what is beyond comes with the next catch-up
const MOST_REFUSED = 2000 // an index of version 1 has so many; a master that has more to refuse is not read to its end

/**
 * Read another master's changes up to what it had when it was first asked, page by page. How long that takes is this
 * master's affair: each page must go on, the other may count anew once, and pages, short pages and refused records are
 * limited.
 * @throws NetError `MESSAGE_INVALID` when the other does not come to an end in this way
 */
export async function pullChanges(ports: PullPorts): Promise<void> {
  let after = ports.after
  let goal: number | undefined
  const left = { restarts: RESTARTS, pages: MOST_PAGES, shortPages: SHORT_PAGES, refused: MOST_REFUSED }
  for (;;) {
    spend(left, 'pages')
    const page = await ports.ask({ after, limit: MAX_ITEMS })
    if (page.last < after) {
      spend(left, 'restarts') // it lost its disk and counts anew
      after = 0
      goal = undefined
      await ports.reached(after)
      continue
    }
    goal ??= page.last
    if (page.records.length === 0) return
    const reached = endOf(page, after)
    if (page.records.length < LEAST_PAGE && reached < goal) spend(left, 'shortPages')
    spend(left, 'refused', await ports.take(page.records.map(({ record }) => record)))
    await ports.reached(reached)
    if (reached >= goal) return
    after = reached
  }
}

/** The last sequence of a page. @throws NetError `MESSAGE_INVALID` unless its sequences rise from `after` to its `last` */
function endOf({ records, last }: PulledRecords, after: number): number {
  let reached = after
  for (const { sequence } of records) {
    if (sequence <= reached || sequence > last) throw new NetError('MESSAGE_INVALID', 'changes that do not go on')
    reached = sequence
  }
  return reached
}

function spend<K extends string>(left: Record<K, number>, what: K, count = 1): void {
  left[what] -= count
  if (left[what] < 0) throw new NetError('MESSAGE_INVALID', `a master whose changes have no end: too many ${what}`)
}
