import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EncodedRecord, encodedRecord } from '../../../indexing/encoded-record.ts'
import { supersedes } from '../../../indexing/supersedes.ts'
import { type ExampleRecordInit, examplePeer, exampleRecord } from '../../contract/example-record.ts'

const small = fc.integer({ min: 1, max: 3 })
const anyRecord = fc
  .record({
    counter: small,
    master: fc.constantFrom('a', 'b'),
    deleted: fc.boolean(),
    asked: small,
    time: small,
    signature: small
  })
  .map(init => encodedRecord(exampleRecord(init)))

/** What a master holds that was told these records in this order. */
function heldAfter(told: readonly EncodedRecord[]): EncodedRecord {
  return told.reduce((held, record) => (supersedes(record, held) ? record : held))
}

describe('which record of an image wins', () => {
  it('of two different records exactly one supersedes the other, and none itself', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (a, b) => {
        expect(supersedes(a, a)).toBe(false)
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect([supersedes(a, b), supersedes(b, a)].filter(Boolean)).toHaveLength(same ? 0 : 1)
      }),
      { numRuns: 2000 }
    )
  })

  it('masters that are told the same records in different orders hold the same one', () => {
    const told = fc
      .array(anyRecord, { minLength: 2, maxLength: 6 })
      .chain(records => fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })))
    fc.assert(
      fc.property(told, ([one, other]) => {
        expect(heldAfter(other)).toEqual(heldAfter(one))
      }),
      { numRuns: 2000 }
    )
  })

  const made = (init: ExampleRecordInit): EncodedRecord => encodedRecord(exampleRecord(init))
  const winsInAnyOrder = (winner: EncodedRecord, loser: EncodedRecord): void => {
    expect([heldAfter([winner, loser]), heldAfter([loser, winner])]).toEqual([winner, winner])
  }

  it('of two deletions the earlier wins, of one time the one of the smaller bytes', () => {
    winsInAnyOrder(made({ deleted: true, time: 1, signature: 9 }), made({ deleted: true, time: 2, signature: 8 }))
    winsInAnyOrder(made({ deleted: true, time: 2, signature: 8 }), made({ deleted: true, time: 2, signature: 9 }))
  })

  it('a deletion wins over a record of the highest counter that can be written', () => {
    winsInAnyOrder(made({ deleted: true }), made({ asked: 8.64e15, time: 1, counter: 2 ** 53 - 1 }))
  })

  it('of two records the one asked later wins whatever its counter, then the higher counter, then the higher master', () => {
    winsInAnyOrder(made({ asked: 2 }), made({ asked: 1, counter: 2 ** 53 - 1, time: 9 }))
    winsInAnyOrder(made({ asked: 1, counter: 3 }), made({ asked: 1, counter: 2, time: 9 }))
    const [low, high] = ['a', 'b'].sort((one, other) => (examplePeer(one) < examplePeer(other) ? -1 : 1))
    winsInAnyOrder(made({ counter: 2, master: high }), made({ counter: 2, master: low, time: 9 }))
  })

  it('of two records of one origin the one of the larger bytes wins', () => {
    winsInAnyOrder(made({ time: 2, signature: 9 }), made({ time: 2, signature: 8 }))
  })
})
