import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { randomBelow, randomBytes, seededRandom } from '../../../base/random.ts'
import { decodedRecord, encodedRecord } from '../../../indexing/encoded-record.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { answerCompare } from '../../../node/replication/answer-compare.ts'
import { type ComparePorts, compareIndexes, type Taken } from '../../../node/replication/compare-indexes.ts'
import {
  type CompareIndexRequest,
  type CompareRanges,
  compareIndex,
  type NodesAnswer,
  type RangesAnswer
} from '../../../protocols/compare-index.ts'
import { exampleRecord } from '../../contract/example-record.ts'

const SEED = 1914
const TOP = new Uint8Array(512)

async function storeOf(images: readonly number[], deleted: readonly number[] = []): Promise<MemoryRecordStore> {
  const store = new MemoryRecordStore()
  await store.start()
  for (const image of images) await store.put(encodedRecord(exampleRecord({ image })))
  for (const image of deleted) await store.put(encodedRecord(exampleRecord({ image, deleted: true })))
  return store
}

/** Take into `mine` what `theirs` holds otherwise, over the wire; what travelled, and what came of it. */
async function compared(mine: MemoryRecordStore, theirs: MemoryRecordStore, most = 1000) {
  const wire = { bytes: 0, records: 0 }
  const ask = async (request: CompareIndexRequest) => {
    const sent = compareIndex.request.encode(request)
    const answer = compareIndex.answer.encode(await answerCompare(compareIndex.request.decode(sent), theirs))
    expect(sent.length).toBeLessThanOrEqual(compareIndex.maxRequestBytes)
    wire.bytes += sent.length + answer.length
    return compareIndex.answer.decode(answer)
  }
  const top = (await ask({ nodes: [0] })) as NodesAnswer
  const first = wire.bytes
  const result = await compareIndexes(top.children[0], {
    records: mine,
    askNodes: async request => (await ask(request)) as NodesAnswer,
    askRanges: async request => {
      const answer = (await ask(request)) as RangesAnswer
      if (answer.records.length <= most) return answer
      const records = answer.records.slice(0, most) // as where records are long
      return { records, reached: decodedRecord(records[most - 1]).record.id }
    },
    take: async records => {
      wire.records += records.length
      const taken = await Promise.all(records.map(bytes => mine.put(decodedRecord(bytes))))
      return { taken: taken.filter(Boolean).length, refused: 0 }
    }
  })
  return { ...wire, ...result, first }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

describe('comparing two indexes', () => {
  it('alike: 1 KiB travels; one record of 1,500 missing: it alone, and less than 8 KiB', async () => {
    const [mine, theirs] = [await storeOf(upTo(1500)), await storeOf(upTo(1500))]
    const alike = await compared(mine, theirs)
    expect(alike).toMatchObject({ taken: 0, records: 0 })
    expect(alike.bytes).toBeLessThan(1024)
    await theirs.put(encodedRecord(exampleRecord({ image: 'another' })))
    const one = await compared(mine, theirs)
    expect(one).toMatchObject({ taken: 1, records: 1 })
    expect(one.bytes).toBeLessThan(8192)
    expect(mine.digests.root).toBe(theirs.digests.root)
  })

  it(`random differences, both ways: alike in the end, and a deletion wins (seed ${SEED})`, async () => {
    const random = seededRandom(SEED)
    const some = (): number[] => upTo(1200).filter(() => randomBelow(random, 10) > 0)
    const [mine, theirs] = [await storeOf(some(), [5, 6]), await storeOf(some(), [6, 7, 2600])]
    const [one, other] = [await compared(mine, theirs), await compared(theirs, mine)]
    expect([one.taken > 50, other.taken > 50]).toEqual([true, true])
    expect(mine.digests.root).toBe(theirs.digests.root)
    for (const image of [5, 6, 7, 2600]) {
      expect((await mine.get(exampleRecord({ image }).id))?.record.stored).toBeUndefined()
    }
  })

  it('nothing held: all 1,200 records of the other come, in portions that end early', async () => {
    const [mine, theirs] = [await storeOf([]), await storeOf(upTo(1200))]
    expect(await compared(mine, theirs, 100)).toMatchObject({ taken: 1200, records: 1200 })
    expect(mine.digests.root).toBe(theirs.digests.root)
  })

  it('ranges out of order are refused', async () => {
    const store = await storeOf([1])
    const id = (digit: string) => digit.repeat(64) as ImageId
    for (const ranges of [
      [{ after: id('5'), upTo: id('4'), held: [] }],
      [
        { upTo: id('5'), held: [] },
        { after: id('3'), upTo: id('9'), held: [] }
      ]
    ]) {
      await expect(answerCompare({ ranges }, store)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    }
  })
})

describe('a master that answers falsely', () => {
  /** Compare an index of 300 images with whoever answers so; how often it was asked, and what came of it. */
  async function against(
    askRanges: (request: CompareRanges, times: number) => RangesAnswer,
    take: (records: readonly Uint8Array[]) => Taken = () => ({ taken: 0, refused: 0 }),
    askNodes: ComparePorts['askNodes'] = async ({ nodes }) => ({
      incarnation: new Uint8Array(16),
      last: 0,
      children: nodes.map((_, at) => randomBytes(seededRandom(at), 512))
    })
  ) {
    const seen = { asked: 0, code: 'none' }
    const records = await storeOf(upTo(300))
    await compareIndexes(randomBytes(seededRandom('top'), 512), {
      records,
      askNodes,
      askRanges: async request => askRanges(request, seen.asked++),
      take: async given => take(given)
    }).catch(error => {
      seen.code = error.code
    })
    return seen
  }

  it('says that everything differs and gives nothing: asked 256 times, then it is over', async () => {
    expect(await against(() => ({ records: [] }))).toEqual({ asked: 256, code: 'none' })
  })

  const ENDLESS: Record<string, { most: number; answer: (request: CompareRanges) => RangesAnswer; refuse?: number }> = {
    'stands still': { most: 2, answer: () => ({ records: [], reached: `${'0'.repeat(63)}1` as ImageId }) },
    'goes beyond what was asked': { most: 1, answer: () => ({ records: [], reached: 'f'.repeat(64) as ImageId }) },
    'goes on by one image at a time for ever': {
      most: 65,
      answer: ({ ranges: [{ after }] }) => ({ records: [], reached: next(after) })
    },
    'gives records for ever that nobody takes': {
      most: 3,
      answer: ({ ranges: [{ after }] }) => ({ records: Array(1000).fill(Uint8Array.of(1)), reached: next(after) }),
      refuse: 1000
    }
  }
  for (const [what, { most, answer, refuse = 0 }] of Object.entries(ENDLESS)) {
    it(`${what}: cut off after at most ${most} requests`, async () => {
      const seen = await against(answer, () => ({ taken: 0, refused: refuse }))
      expect(seen.code).toBe('MESSAGE_INVALID')
      expect(seen.asked).toBeLessThanOrEqual(most)
    })
  }

  it('answers to other nodes than were asked: MESSAGE_INVALID', async () => {
    const one = { incarnation: new Uint8Array(16), last: 0, children: [TOP] }
    expect(
      (
        await against(
          () => ({ records: [] }),
          undefined,
          async () => one
        )
      ).code
    ).toBe('MESSAGE_INVALID')
  })
})

function next(id: ImageId | undefined): ImageId {
  return (BigInt(`0x${id ?? '0'}`) + 1n).toString(16).padStart(64, '0') as ImageId
}
