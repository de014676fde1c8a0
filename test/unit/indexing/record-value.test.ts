import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { readHead, readRecord, recordKey, writeRecord } from '../../../indexing/record-value.ts'
import { exampleRecord, exampleStored } from '../../contract/example-record.ts'

/** A value as version 1 wrote it: no size and no owner before the record. */
function version1(record: ReturnType<typeof encodedRecord>, sequence: number): Uint8Array {
  const { id, stored } = record.record
  const head = Buffer.alloc(12)
  head[4] = 1
  head.writeUIntBE(sequence, 5, 6)
  head[11] = (stored?.claim.space.bits ?? 0) / 8
  const space = stored?.claim.space
  const coded = space && [Buffer.from(space.model, 'hex'), Buffer.from(space.view, 'hex'), stored.claim.code]
  const value = Buffer.concat([head, ...(coded ?? []), record.encoded])
  value.writeUInt32BE(crc32(value.subarray(4), crc32(recordKey(id))))
  return value
}

describe('the value of a record', () => {
  const stored = encodedRecord(exampleRecord())
  const tombstone = encodedRecord(exampleRecord({ deleted: true }))
  const { claim } = exampleStored()
  const { id, space, code, owner, size } = claim

  for (const [name, write] of [
    ['2', writeRecord],
    ['1', version1]
  ] as const) {
    it(`version ${name}: head and record of a stored image and of a tombstone are read`, () => {
      const key = recordKey(id)
      const head = readHead(key, write(stored, 7))
      expect(head).toMatchObject({ id, sequence: 7, coded: { id, space, owner, size } })
      expect(Buffer.compare(head?.coded?.code ?? new Uint8Array(), code)).toBe(0)
      expect(readRecord(key, write(stored, 7))).toMatchObject({ sequence: 7, record: { id } })
      expect(Buffer.compare(readRecord(key, write(stored, 7)).encoded, stored.encoded)).toBe(0)
      const grave = readHead(key, write(tombstone, 8))
      expect(grave).toMatchObject({ id, sequence: 8 })
      expect(grave?.coded).toBeUndefined()
      const told = [head, grave].map(each => Buffer.from(each?.encoded ?? []).toString('hex'))
      expect(told).toEqual([stored, tombstone].map(({ encoded }) => Buffer.from(encoded).toString('hex')))
      expect(readRecord(key, write(tombstone, 8)).record).toEqual(tombstone.record)
    })

    it(`version ${name}: a value with one byte changed has no head`, () => {
      const value = write(stored, 7)
      for (const at of [0, 4, 11, 90, value.length - 1]) {
        expect(readHead(recordKey(id), value.with(at, value[at] ^ 1))).toBeUndefined()
      }
    })
  }

  it('cut at any place, with a check sum that fits: STORE_CORRUPT or MESSAGE_INVALID, and reading its head does not throw', () => {
    const key = recordKey(id)
    const value = writeRecord(stored, 7)
    for (let length = 4; length < value.length; length++) {
      const cut = Buffer.from(value.subarray(0, length))
      cut.writeUInt32BE(crc32(cut.subarray(4), crc32(key)))
      const code = length < 12 ? 'STORE_CORRUPT' : 'MESSAGE_INVALID'
      expect(() => readRecord(key, cut), `${length}`).toThrow(expect.objectContaining({ code }))
      expect(() => readHead(key, cut), `${length}`).not.toThrow()
    }
  })
})
