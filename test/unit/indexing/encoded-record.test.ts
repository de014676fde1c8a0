import { describe, expect, it } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { claimBytes, decodeRecord, encodeClaim, encodeRecord } from '../../../indexing/encode-record.ts'
import {
  decodedRecord,
  encodedRecord,
  signedBytes,
  signedRecord,
  tombstoneOf
} from '../../../indexing/encoded-record.ts'
import { exampleRecord, exampleStored } from '../../contract/example-record.ts'

const all = [exampleStored(), exampleStored({ code: new Uint8Array(8), counter: 300 })]

describe('encoded records', () => {
  it('the signed bytes of a claim are those that claimBytes gives', () => {
    for (const { claim } of all) {
      expect(Buffer.compare(signedBytes(encodeClaim(claim)), claimBytes(claim))).toBe(0)
    }
  })

  it('a signed record is the one that encodes to its bytes, and its signature is over the signed bytes', () => {
    for (const { masterSignature: _, ...unsigned } of all) {
      const signature = randomBytes(seededRandom('signature'), 64)
      const messages: Uint8Array[] = []
      const signed = signedRecord(unsigned, message => {
        messages.push(message)
        return signature
      })
      const stored = { ...unsigned, masterSignature: signature }
      expect(signed.record).toEqual({ id: unsigned.claim.id, format: 2, stored, deletion: undefined })
      expect(signed.encoded).toEqual(encodeRecord(signed.record))
      expect(messages).toEqual([signedBytes(signed.encoded)])
      expect(decodedRecord(signed.encoded)).toEqual({ record: decodeRecord(signed.encoded), encoded: signed.encoded })
    }
  })

  it('a tombstone is its deletion and nothing more', () => {
    const tombstone = exampleRecord({ deleted: true })
    if (tombstone.deletion === undefined) throw new Error('no deletion')
    expect(tombstoneOf(tombstone.deletion)).toEqual({ record: tombstone, encoded: encodeRecord(tombstone) })
  })

  it('a record out of bounds is MESSAGE_INVALID and never signed', () => {
    const { masterSignature: _, ...unsigned } = exampleStored({ counter: -1 })
    const sign = (): Uint8Array => {
      throw new Error('signed')
    }
    expect(() => signedRecord(unsigned, sign)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    const cut = { ...exampleStored(), masterSignature: new Uint8Array(63) }
    expect(() => encodedRecord({ ...exampleRecord(), stored: cut })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' })
    )
  })
})
