import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ImageRecord, supersedes } from '../../../indexing/image-record.ts'
import { exampleRecord } from '../../contract/example-record.ts'

const small = fc.integer({ min: 1, max: 3 })
const anyRecord = fc
  .record({ counter: small, master: fc.constantFrom('a', 'b'), deleted: fc.boolean(), time: small, signature: small })
  .map(init => exampleRecord(init))

/** What a master holds that was told these records in this order. */
function heldAfter(told: readonly ImageRecord[]): ImageRecord {
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

  it('of two tombstones, and of two records, of one version the later wins, at one time the one of larger signature', () => {
    for (const deleted of [true, false]) {
      const early = exampleRecord({ deleted, time: 1, signature: 9 })
      const late = exampleRecord({ deleted, time: 2, signature: 8 })
      const twin = exampleRecord({ deleted, time: 2, signature: 9 })
      expect([heldAfter([early, late]), heldAfter([late, early])]).toEqual([late, late])
      expect([heldAfter([late, twin]), heldAfter([twin, late])]).toEqual([twin, twin])
    }
  })
})
