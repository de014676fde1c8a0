import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../../base/bytes.ts'
import type { SharingId, ShadowNumber } from '../../../base/ids.ts'
import {
  abortBytes,
  decodeAbort,
  decodeDeletion,
  deletionBytes,
  encodeAbort,
  encodeDeletion,
  keptBytes,
  receiptBytes
} from '../../../indexing/encode-proof.ts'
import { isLater, type Origin } from '../../../indexing/proof.ts'
import { exampleImage, examplePeer } from '../../contract/example-record.ts'

const digest = exampleImage('digest')
const owner = examplePeer('owner')
const master = examplePeer('master')
const origin: Origin = { asked: 7, counter: 1, master }
const key = { image: exampleImage(1), sharing: 'ab'.repeat(8) as SharingId }
const receipt = { ...key, origin, number: 3 as ShadowNumber, digest, bytes: 100 }
const deletion = { id: ownedImageId(owner, digest), owner, digest, time: 9, ownerSignature: new Uint8Array(64).fill(1) }
const abort = { ...key, origin, time: 9, signature: new Uint8Array(64).fill(2) }
const invalid = expect.objectContaining({ code: 'MESSAGE_INVALID' })
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('receipts, deletions, aborts and notes of keeping', () => {
  it('deletions and aborts come back as they went; the id is computed, it does not travel', () => {
    expect(decodeDeletion(encodeDeletion(deletion))).toEqual(deletion)
    expect(decodeAbort(encodeAbort(abort))).toEqual(abort)
    expect(text(encodeDeletion(deletion))).not.toContain(deletion.id)
    expect(() => encodeDeletion({ ...deletion, id: key.image })).toThrow(invalid)
  })

  it('every field changes the bytes that are signed', () => {
    const receipts = [
      receipt,
      { ...receipt, image: exampleImage(2) },
      { ...receipt, sharing: 'cd'.repeat(8) as SharingId },
      { ...receipt, origin: { ...origin, asked: 8 } },
      { ...receipt, origin: { ...origin, counter: 2 } },
      { ...receipt, origin: { ...origin, master: owner } },
      { ...receipt, number: 4 as ShadowNumber },
      { ...receipt, digest: exampleImage(2) },
      { ...receipt, bytes: 101 }
    ]
    const deletions = [
      deletion,
      { ...deletion, owner: master },
      { ...deletion, digest: key.image },
      { ...deletion, time: 8 }
    ]
    const aborts = [
      abort,
      { ...abort, image: exampleImage(2) },
      { ...abort, sharing: 'cd'.repeat(8) as SharingId },
      { ...abort, origin: { ...origin, asked: 8 } },
      { ...abort, time: 8 }
    ]
    const kept = [
      { digest, master },
      { digest: key.image, master },
      { digest, master: owner }
    ]
    const signed = [
      receipts.map(receiptBytes),
      deletions.map(deletionBytes),
      aborts.map(abortBytes),
      kept.map(keptBytes)
    ].flat()
    expect(new Set(signed.map(text)).size).toBe(9 + 4 + 5 + 3)
  })

  it('out of bounds is neither written nor read', () => {
    for (const change of [{ bytes: 0 }, { bytes: 2 ** 40 }, { number: 256 }, { digest: 'ab' }, { image: 'ab' }]) {
      expect(() => receiptBytes({ ...receipt, ...change } as never)).toThrow(invalid)
    }
    for (const change of [
      { counter: 0 },
      { counter: 2 ** 53 },
      { asked: 8.64e15 + 1 },
      { asked: -1 },
      { master: 'x' }
    ]) {
      expect(() => receiptBytes({ ...receipt, origin: { ...origin, ...change } } as never)).toThrow(invalid)
    }
    const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
    const items = [2, 'deletion', owner, bytes(digest), 9, deletion.ownerSignature]
    expect(decodeDeletion(encode(items))).toEqual(deletion)
    const wrong: [number, unknown][] = [
      [0, 1],
      [1, 'abort'],
      [2, 'nobody'],
      [3, bytes('ab')],
      [4, 8.64e15 + 1],
      [5, new Uint8Array(63)]
    ]
    for (const [at, value] of wrong)
      expect(() => decodeDeletion(encode(items.with(at, value as never)))).toThrow(invalid)
  })

  it('the id names the owner: the same bytes of two owners are two images', () => {
    expect(ownedImageId(owner, digest)).not.toBe(ownedImageId(master, digest))
  })

  it('of two origins the one asked later is later, then the higher counter, then the higher master; none than itself', () => {
    const peers = [examplePeer('a'), examplePeer('b')].sort()
    const ordered: Origin[] = [1, 2].flatMap(asked =>
      [1, 2].flatMap(counter => peers.map(master => ({ asked, counter, master })))
    )
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) expect(isLater(a, b)).toBe(i > j)
    }
  })
})
