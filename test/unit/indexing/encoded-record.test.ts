import { describe, expect, it } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { decodeRecord, encodeRecord, recordBytes } from '../../../indexing/encode-record.ts'
import { decodedRecord, encodedRecord, signedBytes, signedRecord } from '../../../indexing/encoded-record.ts'
import { exampleRecord } from '../../contract/example-record.ts'

const records = [
  exampleRecord(),
  exampleRecord({ deleted: true }),
  exampleRecord({ code: new Uint8Array(8), counter: 300 })
]

describe('encoded records', () => {
  it('the signed bytes of a record and of a tombstone are those that recordBytes gives', () => {
    for (const record of records) expect(signedBytes(encodedRecord(record))).toEqual(recordBytes(record))
  })

  it('a signed record is the one that encodes to its bytes, and its signature is over the signed bytes', () => {
    for (const { masterSignature: _, ...unsigned } of records) {
      const signature = randomBytes(seededRandom('signature'), 64)
      const messages: Uint8Array[] = []
      const signed = signedRecord(unsigned, message => {
        messages.push(message)
        return signature
      })
      expect(messages).toEqual([recordBytes(unsigned)])
      expect(signed.record).toEqual({ ...unsigned, masterSignature: signature })
      expect(signed.encoded).toEqual(encodeRecord(signed.record))
      expect(decodedRecord(signed.encoded)).toEqual({ record: decodeRecord(signed.encoded), encoded: signed.encoded })
    }
  })

  it('a record out of bounds is MESSAGE_INVALID and never signed', () => {
    const { masterSignature: _, ...unsigned } = exampleRecord({ counter: -1 })
    const sign = (): Uint8Array => {
      throw new Error('signed')
    }
    expect(() => signedRecord(unsigned, sign)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    expect(() => encodedRecord({ ...exampleRecord(), masterSignature: new Uint8Array(63) })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' })
    )
  })
})
