import { describe, expect, it } from 'vitest'
import { ownedImageId, sha256Hex } from '../../../base/bytes.ts'
import type { SharingId, ShadowNumber } from '../../../base/ids.ts'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { createSigner } from '../../../crypto/ed25519-signer.ts'
import type { Stored } from '../../../indexing/image-record.ts'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { RecordSeal } from '../../../node/proofs/record-seal.ts'
import { exampleRecord } from '../../contract/example-record.ts'
import { countBeside } from '../../../node/proofs/count-kept.ts'
import { signAbort, signDeletion, signKept, signNote, signReceipt } from '../../../node/proofs/sign-proof.ts'
import { isAbortOf, isKept, isNote, isReceiptOf, verifyDeletion } from '../../../node/proofs/verify-proof.ts'

const random = seededRandom('proofs')
const [one, two] = [createSigner(randomBytes(random, 32)), createSigner(randomBytes(random, 32))]
const digest = sha256Hex(new Uint8Array(3))
const image = ownedImageId(one.self, digest)
const sharing = 'ab'.repeat(8) as SharingId
const origin = { asked: 7, counter: 1, master: one.self }

describe('what peers sign', () => {
  it('a receipt holds for its slave and its shadow only', () => {
    const receipt = { image, sharing, origin, number: 1 as ShadowNumber, digest, bytes: 3 }
    const signature = signReceipt(receipt, one)
    expect(isReceiptOf(one.self, { ...receipt, signature }, two)).toBe(true)
    expect(isReceiptOf(two.self, { ...receipt, signature }, two)).toBe(false)
    expect(isReceiptOf(one.self, { ...receipt, bytes: 4, signature }, two)).toBe(false)
  })

  it('a deletion holds for its owner only', () => {
    const deletion = signDeletion({ id: image, digest, time: 5 }, one)
    expect(() => verifyDeletion(deletion, two)).not.toThrow()
    const stolen = { ...deletion, owner: two.self }
    for (const forged of [{ ...deletion, time: 6 }, stolen, { ...deletion, ownerSignature: new Uint8Array(64) }]) {
      expect(() => verifyDeletion(forged, two)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }))
    }
  })

  it("notes count of different holders, over one sealed record of the image's sharing, each signed by its slave", () => {
    const of = { image, sharing, digest }
    const stored = { claim: { id: image }, placement: { sharing, holders: [{ slave: one.self }, { slave: two.self }] } }
    const [a, b] = [one, two].map(signer => ({ slave: signer.self, signature: signNote(of, signer) }))
    const other = { slave: two.self, signature: signNote({ ...of, digest: image }, two) }
    const stolen = { slave: two.self, signature: a.signature }
    const count = (notes: (typeof a)[]): number =>
      countBeside(stored as unknown as Stored, { digest, notes }, { signer: one })
    expect([[a, b], [a, a], [a, other], [a, stolen], []].map(count)).toEqual([2, 1, 1, 1, 0])
  })

  it('a sealed record is the same whoever seals it, and opens for its image and sharing under its key only', () => {
    const held = encodedRecord(exampleRecord())
    const of = { image: held.record.id, sharing: held.record.stored?.placement.sharing ?? sharing }
    const seal = new RecordSeal(new Uint8Array(32).fill(1))
    const sealed = seal.seal(held)
    expect(new RecordSeal(new Uint8Array(32).fill(1)).seal(held)).toEqual(sealed)
    expect(seal.open(sealed, of).encoded).toEqual(held.encoded)
    const wrong = expect.objectContaining({ code: 'KEY_WRONG' })
    expect(() => seal.open(sealed, { ...of, image })).toThrow(wrong)
    expect(() => seal.open(sealed, { ...of, sharing: 'cd'.repeat(8) as SharingId })).toThrow(wrong)
    expect(() => new RecordSeal(new Uint8Array(32).fill(2)).open(sealed, of)).toThrow(wrong)
    expect(() =>
      seal.open(
        Uint8Array.from(sealed, byte => byte ^ 1),
        of
      )
    ).toThrow(wrong)
  })

  it('a note holds for its slave, its sharing and its sealed bytes only', () => {
    const note = { image, sharing, digest, slave: one.self }
    const signature = signNote(note, one)
    expect(isNote({ ...note, signature }, two)).toBe(true)
    const others = [{ slave: two.self }, { digest: image }, { sharing: 'cd'.repeat(8) as SharingId }]
    for (const other of others) expect(isNote({ ...note, ...other, signature }, two)).toBe(false)
  })

  it('an abort and a note of keeping hold for the master that signed them', () => {
    const abort = signAbort({ image, sharing, origin, time: 5 }, one)
    expect([one, two].map(({ self }) => isAbortOf(self, abort, two))).toEqual([true, false])
    const signature = signKept(digest, one)
    expect([one, two].map(({ self }) => isKept({ digest, master: self, signature }, two))).toEqual([true, false])
    expect(isKept({ digest: image, master: one.self, signature }, two)).toBe(false)
  })
})
