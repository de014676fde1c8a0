import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ImageId, PeerId, SharingId, ShadowNumber } from '../../base/ids.ts'
import { claimBytes, decodeRecord, encodeRecord, recordBytes } from '../../indexing/encode-record.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'

interface Case {
  name: string
  record: {
    image: string
    counter: number
    master: string
    time: number
    masterSignature: string
    stored: null | {
      owner: string
      model: string
      view: string
      bits: number
      code: string
      size: number
      metadata: string
      ownerSignature: string
      scheme: string
      sharing: string
      total: number
      holders: [string, number, string][]
      sealedThreshold: string
    }
  }
  bytes: string
  recordBytes: string
  claimBytes: string | null
}

// Made by record-v1.py with a CBOR encoder of its own.
const cases: Case[] = JSON.parse(readFileSync(new URL('./record-v1.json', import.meta.url), 'utf8'))

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

function recordOf({ image, counter, master, time, masterSignature, stored }: Case['record']): ImageRecord {
  return {
    id: image as ImageId,
    version: { counter, master: master as PeerId },
    time,
    stored: stored === null ? undefined : storedOf(image as ImageId, stored),
    masterSignature: bytes(masterSignature)
  }
}

function storedOf(image: ImageId, of: NonNullable<Case['record']['stored']>): NonNullable<ImageRecord['stored']> {
  const { model, view, bits, size, scheme, total } = of
  const claim = {
    id: image,
    owner: of.owner as PeerId,
    space: { model, view, bits },
    code: bytes(of.code),
    size,
    metadata: bytes(of.metadata),
    ownerSignature: bytes(of.ownerSignature)
  }
  const holders = of.holders.map(([slave, number, digest]) => ({
    slave: slave as PeerId,
    number: number as ShadowNumber,
    digest
  }))
  const sealedThreshold = bytes(of.sealedThreshold)
  return { claim, placement: { scheme, sharing: of.sharing as SharingId, total, holders, sealedThreshold } }
}

describe('image record, version 1', () => {
  it('has 4 examples', () => expect(cases).toHaveLength(4))

  for (const each of cases) {
    it(`${each.name}: is read as it was written, and written as it was read`, () => {
      const record = recordOf(each.record)
      expect(decodeRecord(bytes(each.bytes))).toEqual(record)
      expect(hex(encodeRecord(record))).toBe(each.bytes)
      expect(hex(recordBytes(record))).toBe(each.recordBytes)
      if (record.stored !== undefined) expect(hex(claimBytes(record.stored.claim))).toBe(each.claimBytes)
    })
  }
})
