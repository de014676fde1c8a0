import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { type ImageId, type PeerId, type SharingId, type ShadowNumber, site } from '../../base/ids.ts'
import type { Role } from '../../base/roles.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { decodeAbort, decodeDeletion, encodeAbort } from '../../indexing/encode-proof.ts'
import { claimBytes, decodeClaim, decodeRecord, encodeClaim, encodeRecord } from '../../indexing/encode-record.ts'
import { decodedRecord } from '../../indexing/encoded-record.ts'
import { type ImageRecord, originOf, type Stored } from '../../indexing/image-record.ts'
import { listRoster } from '../../node/peers/list-roster.ts'
import { isAbortOf, isKept } from '../../node/proofs/verify-proof.ts'
import { verifyRecord } from '../../node/proofs/verify-record.ts'

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
  const id = image as ImageId
  if (stored === null) return { id, format: 1, stored: undefined, deletion: undefined }
  const version = { counter, master: master as PeerId }
  const signed = { version, time, cosign: undefined, masterSignature: bytes(masterSignature) }
  return { id, format: 1, stored: { ...signed, ...storedOf(id, stored) }, deletion: undefined }
}

function storedOf(image: ImageId, of: NonNullable<Case['record']['stored']>): Pick<Stored, 'claim' | 'placement'> {
  const { model, view, bits, size, scheme, total } = of
  const claim = {
    id: image,
    owner: of.owner as PeerId,
    master: undefined,
    time: 0,
    digest: image,
    space: { model, view, bits },
    code: bytes(of.code),
    size,
    metadata: bytes(of.metadata),
    ownerSignature: bytes(of.ownerSignature)
  }
  const holders = of.holders.map(([slave, number, digest]) => ({
    slave: slave as PeerId,
    number: number as ShadowNumber,
    digest,
    bytes: 0,
    receipt: new Uint8Array()
  }))
  const sealedThreshold = bytes(of.sealedThreshold)
  return { claim, placement: { scheme, sharing: of.sharing as SharingId, total, holders, sealedThreshold } }
}

describe('image record, version 1', () => {
  it('has 4 examples', () => expect(cases).toHaveLength(4))

  for (const each of cases) {
    it(`${each.name}: is read as it was written; its claim is written as it was read, the record no more`, () => {
      const record = decodeRecord(bytes(each.bytes))
      expect(record).toEqual(recordOf(each.record))
      expect(() => encodeRecord(record)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
      if (record.stored === undefined) return
      const { claim } = record.stored
      expect(hex(claimBytes(claim))).toBe(each.claimBytes)
      expect(each.bytes).toContain(hex(encodeClaim(claim)))
      expect(decodeClaim(encodeClaim(claim))).toEqual(claim)
    })

    it(`${each.name}: proves nothing, so it is taken from nobody`, () => {
      const ports = { signer: createSigner(new Uint8Array(32)), roster: listRoster([]) }
      expect(() => verifyRecord(decodedRecord(bytes(each.bytes)), ports)).toThrow(
        expect.objectContaining({ code: 'PROOF_INVALID' })
      )
    })
  }
})

interface Case2 {
  name: string
  id: string
  digest: string
  asked: number
  counter: number
  master: string
  bits: number
  size: number
  metadata: string
  sharing: string
  holders: [string, number, string, number, string][]
  claim: string
  bytes: string
  kept: { master: string; signature: string }
}

// Made by record-v2.py with a CBOR encoder and an Ed25519 of its own.
const made: {
  owner: string
  masters: string[]
  slaves: string[]
  records: Case2[]
  tombstone: { id: string; digest: string; time: number; deletion: string; bytes: string }
  abort: { image: string; sharing: string; asked: number; time: number; bytes: string }
} = JSON.parse(readFileSync(new URL('./record-v2.json', import.meta.url), 'utf8'))
const [owner, first, second] = [made.owner, ...made.masters] as PeerId[]

describe('image record, version 2', () => {
  const member = (role: Role) => (peer: string) => ({ peer: peer as PeerId, site: site('here'), roles: [role] })
  const members = [...made.masters.map(member('master')), ...made.slaves.map(member('slave')), member('owner')(owner)]
  const ports = { signer: createSigner(new Uint8Array(32)), roster: listRoster(members) }

  it('has 4 records', () => expect(made.records).toHaveLength(4))

  for (const each of made.records) {
    it(`${each.name}: is read, written and signed as an independent program has it`, () => {
      const record = decodedRecord(bytes(each.bytes))
      const { id, stored } = record.record
      if (stored === undefined) throw new Error('not stored')
      expect(hex(encodeRecord(record.record))).toBe(each.bytes)
      expect(hex(encodeClaim(stored.claim))).toBe(each.claim)
      expect(decodeClaim(bytes(each.claim))).toEqual(stored.claim)
      const { claim, placement } = stored
      expect([id, claim.id, claim.digest]).toEqual([each.id, each.id, each.digest])
      expect(originOf(stored)).toEqual({ asked: each.asked, counter: each.counter, master: each.master })
      expect([claim.space.bits, claim.size, hex(claim.metadata)]).toEqual([each.bits, each.size, each.metadata])
      const holders = placement.holders.map(of => [of.slave, of.number, of.digest, of.bytes, hex(of.receipt)])
      expect([placement.sharing, placement.total, holders]).toEqual([each.sharing, each.holders.length, each.holders])
      expect(() => verifyRecord(record, ports)).not.toThrow()
      const kept = { master: each.kept.master as PeerId, signature: bytes(each.kept.signature) }
      expect(isKept({ ...kept, digest: sha256Hex(record.encoded) }, ports.signer)).toBe(true)
    })
  }

  it('a tombstone is read, written and signed as an independent program has it', () => {
    const { id, digest, time, deletion, bytes: encoded } = made.tombstone
    const { record } = decodedRecord(bytes(encoded))
    expect(record).toMatchObject({ id, stored: undefined, deletion: { owner, digest, time } })
    expect(hex(encodeRecord(record))).toBe(encoded)
    expect(record.deletion).toEqual(decodeDeletion(bytes(deletion)))
    expect(() => verifyRecord({ record, encoded: bytes(encoded) }, ports)).not.toThrow()
  })

  it('an abort is read, written and signed as an independent program has it', () => {
    const { image, sharing, asked, time, bytes: encoded } = made.abort
    const abort = decodeAbort(bytes(encoded))
    expect(abort).toMatchObject({ image, sharing, origin: { asked, counter: 1, master: first }, time })
    expect(hex(encodeAbort(abort))).toBe(encoded)
    expect([first, second].map(master => isAbortOf(master, abort, ports.signer))).toEqual([true, false])
  })
})
