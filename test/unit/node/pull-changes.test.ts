import { describe, expect, it } from 'vitest'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { pullChanges } from '../../../node/replication/pull-changes.ts'
import { giveChanges } from '../../../node/replication/take-records.ts'
import { MAX_RECORDS_BYTES } from '../../../protocols/limits.ts'
import { type PulledRecords, type PullRecords, syncRecords } from '../../../protocols/sync-records.ts'
import { largestRecord } from '../../contract/example-record.ts'

const RECORD = Uint8Array.of(1)
const page = (from: number, count: number, last: number): PulledRecords => ({
  records: Array.from({ length: count }, (_, at) => ({ sequence: from + at, record: RECORD })),
  last
})

/** Pull from whoever answers so; how often it was asked, and what came of it. */
async function pulled(ask: (request: PullRecords, times: number) => PulledRecords, refuse = 0, after = 0) {
  const seen = { asked: 0, taken: 0, reached: after, code: 'none' }
  const pull = pullChanges({
    after,
    ask: async request => ask(request, seen.asked++),
    take: async records => {
      seen.taken += records.length
      return Math.min(refuse, records.length)
    },
    reached: sequence => {
      seen.reached = sequence
    }
  })
  await pull.catch(error => {
    seen.code = error.code
  })
  return seen
}

describe('catching up with a master', () => {
  it('reads page after page to what the other had at first, and no further', async () => {
    const seen = await pulled(({ after }, times) => page(after + 1, 1000, 2500 + 1000 * times))
    expect(seen).toEqual({ asked: 3, taken: 3000, reached: 3000, code: 'none' })
  })

  it('a master with a new disk, which counts anew, is read from its beginning', async () => {
    const seen = await pulled(({ after }) => (after > 7 ? page(0, 0, 7) : page(1, 7, 7)), 0, 500)
    expect(seen).toEqual({ asked: 2, taken: 7, reached: 7, code: 'none' })
  })

  it('a cursor is moved once its page is on stable storage, and never before its records', async () => {
    const order: string[] = []
    await pullChanges({
      after: 0,
      ask: async ({ after }) => page(after + 1, 1000, 2000),
      take: async records => {
        await null
        order.push(`took ${records.length}`)
        return 0
      },
      reached: async sequence => void order.push(`reached ${sequence}`)
    })
    expect(order).toEqual(['took 1000', 'reached 1000', 'took 1000', 'reached 2000'])
  })

  const ENDLESS: Record<
    string,
    { ask: (request: PullRecords, times: number) => PulledRecords; most: number; refuse?: number }
  > = {
    'counts anew for ever': {
      ask: ({ after }, times) => (after > 0 ? page(0, 0, 0) : page(1, 1000, 9000 + times)),
      most: 6
    },
    'changes that do not go on': { ask: () => page(1, 1000, 1_000_000), most: 2 },
    'changes that go back within a page': {
      ask: () => ({ records: [2, 1].map(sequence => ({ sequence, record: RECORD })), last: 9 }),
      most: 1
    },
    'changes beyond its own last': { ask: () => page(5, 2, 5), most: 1 },
    'one change a page for ever': { ask: ({ after }) => page(after + 1, 1, 2 ** 40), most: 5 },
    'full pages for ever': { ask: ({ after }) => page(after + 1, 1000, 2 ** 40), most: 2000 },
    'full pages for ever, of which nothing can be taken': {
      ask: ({ after }) => page(after + 1, 1000, 2 ** 40),
      refuse: 1000,
      most: 3
    }
  }
  for (const [what, { ask, most, refuse }] of Object.entries(ENDLESS)) {
    it(`${what}: cut off after at most ${most} pages`, async () => {
      const seen = await pulled(ask, refuse)
      expect(seen.code).toBe('MESSAGE_INVALID')
      expect(seen.asked).toBeLessThanOrEqual(most)
    })
  }
})

describe('giving changes', () => {
  it('500 of the largest records come in pages that travel, each once', async () => {
    const records = new MemoryRecordStore()
    await records.start()
    for (let image = 0; image < 500; image++) await records.put(encodedRecord(largestRecord(image)))
    let taken = 0
    let pages = 0
    for (let after = 0; after < records.lastSequence; pages++) {
      const answer = await giveChanges({ after, limit: 1000 }, records)
      expect(syncRecords.answer.encode(answer).length).toBeLessThanOrEqual(MAX_RECORDS_BYTES)
      taken += answer.records.length
      after = answer.records[answer.records.length - 1].sequence
    }
    expect([taken, pages]).toEqual([500, 2])
    expect(await giveChanges({ after: 0, limit: 3 }, records)).toMatchObject({ last: 500, records: { length: 3 } })
  })
})
