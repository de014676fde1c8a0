import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../../base/bytes.ts'
import { NetError } from '../../../base/errors.ts'
import type { ShadowNumber } from '../../../base/ids.ts'
import {
  claimBytes,
  cosignBytes,
  decodeClaim,
  decodePlacement,
  decodeRecord,
  encodeClaim,
  encodePlacement,
  encodeRecord
} from '../../../indexing/encode-record.ts'
import { encodedRecord, signedBytes } from '../../../indexing/encoded-record.ts'
import type { ImageClaim, ImageRecord, Placement, Stored } from '../../../indexing/image-record.ts'
import { exampleImage, examplePeer, exampleRecord, exampleSpace } from '../../contract/example-record.ts'

const record = exampleRecord()
const stored = record.stored as NonNullable<ImageRecord['stored']>
const withStored = (change: Partial<Stored>): ImageRecord => ({ ...record, stored: { ...stored, ...change } })
/** With another owner or digest the claim is of another image. */
const withClaim = (change: Partial<ImageClaim>): ImageRecord => {
  const claim = { ...stored.claim, ...change }
  const id = change.id ?? ownedImageId(claim.owner, claim.digest)
  return { ...withStored({ claim: { ...claim, id } }), id: 'id' in change ? record.id : id }
}
const withPlacement = (change: Partial<Placement>): ImageRecord =>
  withStored({ placement: { ...stored.placement, ...change } })
const again = exampleRecord({ counter: 2 })
const holders = stored.placement.holders
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...holders[0], slave: examplePeer(n), number: (n + 1) as ShadowNumber }))
const invalid = expect.objectContaining({ code: 'MESSAGE_INVALID' })

describe('image record codec', () => {
  it('claims, placements, records and tombstones come back as they went', () => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record)
    expect(decodeClaim(encodeClaim(stored.claim))).toEqual(stored.claim)
    expect(decodePlacement(encodePlacement(stored.placement))).toEqual(stored.placement)
    const tombstone = exampleRecord({ deleted: true })
    expect(decodeRecord(encodeRecord(tombstone))).toEqual(tombstone)
  })

  it('takes the largest record: 4 KiB of metadata, 255 holders, 256 bits', () => {
    const space = exampleSpace(256)
    const large = withClaim({ space, code: new Uint8Array(32), metadata: new Uint8Array(4096) })
    const placement = { ...stored.placement, total: 255, holders: many(255), sealedThreshold: new Uint8Array(256) }
    const largest = { ...large, stored: { ...stored, claim: large.stored?.claim ?? stored.claim, placement } }
    expect(decodeRecord(encodeRecord(largest))).toEqual(largest)
  })

  const outOfBounds: Record<string, ImageRecord> = {
    'image id of 63 digits': { ...record, id: record.id.slice(1) as never },
    'counter 0': withStored({ version: { ...stored.version, counter: 0 } }),
    'fractional counter': withStored({ version: { ...stored.version, counter: 1.5 } }),
    'counter of 2^53': withStored({ version: { ...stored.version, counter: 2 ** 53 } }),
    'fractional time': withStored({ time: 0.5 }),
    'time after the last date': withStored({ time: 8.64e15 + 1 }),
    'master that is no peer': withStored({ version: { ...stored.version, master: 'master' as never } }),
    'master signature of 63 bytes': withStored({ masterSignature: new Uint8Array(63) }),
    'a first placement by another master than was asked': withStored({
      version: { counter: 1, master: examplePeer('b') }
    }),
    'a first placement with a second master': withStored({ cosign: again.stored?.cosign }),
    'a tombstone without a deletion': { ...record, stored: undefined },
    'version 1': { ...record, format: 1 },
    'claim of another image': withClaim({ id: exampleImage(2) }),
    'claim that asks no master': withClaim({ master: undefined }),
    'claim asked after the last date': withClaim({ time: 8.64e15 + 1 }),
    'claim with a digest cut': withClaim({ digest: 'ab' }),
    'owner that is no peer': withClaim({ owner: '' as never }),
    'code one byte short': withClaim({ code: new Uint8Array(7) }),
    'code one byte long': withClaim({ code: new Uint8Array(9) }),
    'code of 12 bits': withClaim({ space: exampleSpace(12), code: new Uint8Array(1) }),
    'code of 0 bits': withClaim({ space: exampleSpace(0), code: new Uint8Array(0) }),
    'code of 264 bits': withClaim({ space: exampleSpace(264), code: new Uint8Array(33) }),
    'model digest in capitals': withClaim({ space: { ...exampleSpace(), model: exampleImage(1).toUpperCase() } }),
    'view digest cut': withClaim({ space: { ...exampleSpace(), view: 'ab' } }),
    'size 0': withClaim({ size: 0 }),
    'size above 256 MiB': withClaim({ size: 2 ** 28 + 1 }),
    'metadata of 4 KiB and a byte': withClaim({ metadata: new Uint8Array(4097) }),
    'owner signature of 65 bytes': withClaim({ ownerSignature: new Uint8Array(65) }),
    'scheme without a name': withPlacement({ scheme: '' }),
    'scheme of 33 letters': withPlacement({ scheme: 'a'.repeat(33) }),
    'sharing of 15 digits': withPlacement({ sharing: 'a'.repeat(15) as never }),
    'total 1': withPlacement({ total: 1, holders: holders.slice(0, 1) }),
    'more shadows than holders': withPlacement({ total: 4 }),
    'total 256': withPlacement({ total: 256, holders: many(255) }),
    'no holder': withPlacement({ holders: [] }),
    'number above the total': withPlacement({ total: 2, holders: [holders[0], holders[2]] }),
    'a slave twice': withPlacement({ total: 2, holders: [holders[0], { ...holders[1], slave: holders[0].slave }] }),
    'a number twice': withPlacement({ total: 2, holders: [holders[0], { ...holders[1], number: holders[0].number }] }),
    'shadow digest cut': withPlacement({ total: 2, holders: [holders[1], { ...holders[0], digest: 'ab' }] }),
    'shadow of 0 bytes': withPlacement({ total: 2, holders: [holders[1], { ...holders[0], bytes: 0 }] }),
    'receipt of 63 bytes': withPlacement({
      total: 2,
      holders: [holders[1], { ...holders[0], receipt: new Uint8Array(63) }]
    }),
    'no sealed threshold': withPlacement({ sealedThreshold: new Uint8Array(0) }),
    'sealed threshold of 257 bytes': withPlacement({ sealedThreshold: new Uint8Array(257) })
  }
  for (const [id, bad] of Object.entries(outOfBounds)) {
    it(`${id}: is not written`, () => expect(() => encodeRecord(bad)).toThrow(invalid))
  }

  it('bounds hold for bytes from outside too', () => {
    const { claim, placement } = stored
    const raw = (change: (items: unknown[]) => void): Uint8Array => {
      const bytes = (hex: string) => Buffer.from(hex, 'hex')
      const space = [bytes(claim.space.model), bytes(claim.space.view), 64]
      const head = [2, 'claim', claim.owner, claim.master, claim.time, bytes(claim.digest), space]
      const items = [...head, claim.code, claim.size, claim.metadata, claim.ownerSignature]
      change(items)
      return encode(items)
    }
    expect(decodeClaim(raw(() => undefined))).toEqual(claim)
    const changes: ((items: unknown[]) => void)[] = [
      items => items.splice(0, 1, 3), // an unknown version
      items => items.splice(1, 1, 'record'),
      items => items.push(0),
      items => items.pop(),
      items => items.splice(5, 1, claim.digest),
      items => items.splice(7, 1, new Uint8Array(7)),
      items => items.splice(8, 1, -1),
      items => items.splice(8, 1, 1.5),
      items => items.splice(8, 1, null),
      items => items.splice(9, 1, new Uint8Array(4097))
    ]
    for (const change of changes) expect(() => decodeClaim(raw(change))).toThrow(invalid)
    expect(() => decodeClaim(encodePlacement(placement))).toThrow(invalid)
  })

  it('only the canonical encoding is read: no longer numbers, indefinite lengths, tags, maps, or bytes behind', () => {
    const good = encodeRecord(record)
    const text = Buffer.from(good).toString('hex')
    expect(text.startsWith('8802667265636f7264')).toBe(true)
    const others = [
      `8818${text.slice(2)}`, // 2 in two bytes
      `9f${text.slice(2)}ff`, // an array without length
      `c0${text}`, // a tag
      `${text}00`,
      `9808${text.slice(2)}`, // 8 items, counted in two bytes
      text.replace('667265636f7264', '7f667265636f7264ff'), // text in pieces
      text.slice(0, -2),
      text.replace(peerText(stored.version.master), markedText(stored.version.master)),
      'a0',
      'a2616100616100', // a key twice
      'f7',
      'fb7ff8000000000000',
      '9b7fffffffffffffff',
      '81'.repeat(60_000),
      ''
    ]
    for (const other of others) expect(() => decodeRecord(new Uint8Array(Buffer.from(other, 'hex')))).toThrow(invalid)
  })

  it('more than 64 KiB are refused before they are read', () => {
    expect(() => decodeRecord(new Uint8Array(65_537))).toThrow(
      expect.objectContaining({ detail: { bytes: 65_537, most: 65_536 } })
    )
  })

  it('any one byte changed gives MESSAGE_INVALID or another record, never any other error', () => {
    const good = encodeRecord(record)
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = good.slice()
        bytes[at] ^= change
        try {
          expect(decodeRecord(bytes)).not.toEqual(record)
        } catch (error) {
          if (!(error instanceof NetError)) throw error
          expect(error.code).toBe('MESSAGE_INVALID')
        }
      }),
      { numRuns: 2000 }
    )
  })

  it('random bytes give MESSAGE_INVALID', () => {
    const read = [decodeRecord, decodeClaim, decodePlacement]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        for (const decode of read) expect(() => decode(bytes)).toThrow(invalid)
      }),
      { numRuns: 500 }
    )
  })

  it('every field of a claim and of a record changes the bytes that are signed', () => {
    const { claim } = stored
    const claims: Partial<ImageClaim>[] = [
      { owner: examplePeer('other') },
      { master: examplePeer('other') },
      { time: 1 },
      { digest: exampleImage(2) },
      { space: exampleSpace(64, 'other') },
      { code: new Uint8Array(8) },
      { size: 1 },
      { metadata: new Uint8Array(1) }
    ]
    const signed = new Set(
      [claim, ...claims.map(change => ({ ...claim, ...change }))].map(each => text(claimBytes(each)))
    )
    expect(signed.size).toBe(9)
    expect(text(claimBytes({ ...claim, ownerSignature: new Uint8Array(64) } as never))).toBe(text(claimBytes(claim)))
    const second = again.stored as Stored
    const changed = [
      record,
      withStored({ time: 1 }),
      again,
      { ...again, stored: { ...second, version: { ...second.version, master: examplePeer('other') } } },
      {
        ...again,
        stored: { ...second, cosign: { ...second.claim, master: examplePeer('other'), signature: new Uint8Array(64) } }
      },
      withClaim({ digest: exampleImage(2) }),
      withClaim({ ownerSignature: new Uint8Array(64) }),
      withPlacement({ total: 2, holders: holders.slice(0, 2) }),
      withPlacement({ sealedThreshold: new Uint8Array(1) })
    ]
    expect(new Set(changed.map(each => text(signedBytes(encodedRecord(each).encoded)))).size).toBe(9)
  })

  it('a second master signs version, time, claim and placement, under its own name', () => {
    const { cosign: _, masterSignature: __, ...given } = again.stored as Stored
    const second = examplePeer('second')
    const signed = [
      cosignBytes(given, second),
      cosignBytes(given, examplePeer('other')),
      cosignBytes({ ...given, version: { ...given.version, counter: 3 } }, second),
      cosignBytes({ ...given, time: 1 }, second),
      cosignBytes({ ...given, claim: { ...given.claim, ownerSignature: new Uint8Array(64) } }, second),
      cosignBytes({ ...given, placement: { ...given.placement, sealedThreshold: new Uint8Array(1) } }, second)
    ]
    expect(new Set(signed.map(text)).size).toBe(6)
  })
})

/** A peer id as CBOR text, and the same behind a byte order mark, as hex. */
function peerText(peer: string): string {
  return text(encode(peer))
}

function markedText(peer: string): string {
  return text(encode(`\ufeff${peer}`))
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
