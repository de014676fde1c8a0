import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { MAX_METADATA_BYTES } from '../../../base/limits.ts'
import { seededRandom } from '../../../base/random.ts'
import { deriveKey } from '../../../crypto/derive.ts'
import { sealBytes } from '../../../crypto/seal.ts'
import { openMetadata, sealMetadata } from '../../../node/client/seal-metadata.ts'
import { exampleImage } from '../../contract/example-record.ts'

const random = seededRandom('sealed metadata')
const image = exampleImage(1)
const imageKey = new Uint8Array(32).fill(1)
const descriptor = { model: '7'.repeat(64), values: Int8Array.from({ length: 128 }, (_, k) => 2 * k - 127) }
const model = new Uint8Array(32)
const invalid = expect.objectContaining({ code: 'MESSAGE_INVALID' })

const wrong = expect.objectContaining({ code: 'KEY_WRONG' })

/** Any bytes, sealed in this version as an owner that holds K_QIE could seal them. */
function sealAny(plain: Uint8Array, version = 2): Uint8Array {
  const id = Buffer.from(image, 'hex')
  const check = deriveKey(imageKey, { info: 'sfmedir/key-check/1', length: 8 })
  const head = version === 1 ? new Uint8Array() : Buffer.concat([Buffer.from('SMD2'), check])
  const key = deriveKey(imageKey, { salt: id, info: `sfmedir/metadata/${version}` })
  return Buffer.concat([head, sealBytes(key, plain, { associated: Buffer.concat([head, id]), random })])
}

describe('sealed metadata', () => {
  for (const name of ['', 'a.dcm', 'Müller', '\ufeffmarked', 'not \ufffd known', 'x'.repeat(1024)]) {
    it(`named ${JSON.stringify(name.slice(0, 16))}: opens to what was sealed`, () => {
      const metadata = { name, labels: ['lung', 'ü'] }
      for (const more of [
        {},
        { time: 0 },
        { digest: 'ab'.repeat(32) },
        { descriptor },
        { time: 2 ** 52, digest: '00'.repeat(32) }
      ]) {
        const sealed = sealMetadata({ ...metadata, ...more }, { image, imageKey, random })
        expect(openMetadata(sealed, { image, imageKey })).toEqual({ ...metadata, ...more })
      }
      for (const version of [1, 2]) {
        expect(openMetadata(sealAny(encode(metadata), version), { image, imageKey })).toEqual(metadata)
      }
    })
  }

  const bad: Record<string, Uint8Array> = {
    'no CBOR': Uint8Array.of(0xff),
    nothing: new Uint8Array(),
    'no labels': encode({ name: '' }),
    'a label that is a number': encode({ name: '', labels: [1] }),
    'a field more': encode({ name: '', labels: [], more: 1 }),
    'a digest of 31 bytes': encode({ name: '', digest: new Uint8Array(31), labels: [] }),
    'a descriptor of 7 values': encode({ name: '', labels: [], descriptor: { model, values: new Uint8Array(7) } }),
    'a descriptor of 1025 values': encode({
      name: '',
      labels: [],
      descriptor: { model, values: new Uint8Array(1025) }
    }),
    'a descriptor with a value of -128': encode({
      name: '',
      labels: [],
      descriptor: { model, values: new Uint8Array(128).fill(0x80) }
    }),
    'a descriptor of no model': encode({ name: '', labels: [], descriptor: { values: new Uint8Array(128) } }),
    'a time before 1970': encode({ name: '', time: -1, labels: [] }),
    'a time that no date shows': encode({ name: '', time: 8.64e15 + 1, labels: [] }),
    '65 labels': encode({ name: '', labels: Array(65).fill('') }),
    'a name of 1025 characters': encode({ name: 'x'.repeat(1025), labels: [] }),
    'a name that is not UTF-8': Buffer.from('a2646e616d6561ff666c6162656c7380', 'hex'),
    'bytes behind': Buffer.concat([encode({ name: '', labels: [] }), Uint8Array.of(0)])
  }
  for (const [id, plain] of Object.entries(bad)) {
    it(`${id}: is MESSAGE_INVALID`, () => {
      expect(() => openMetadata(sealAny(plain), { image, imageKey })).toThrow(invalid)
      expect(() => openMetadata(sealAny(plain, 1), { image, imageKey })).toThrow(invalid)
    })
  }

  it('under another key is KEY_WRONG, in both versions', () => {
    const other = new Uint8Array(32).fill(2)
    for (const version of [1, 2]) {
      const sealed = sealAny(encode({ name: 'a', labels: [] }), version)
      expect(() => openMetadata(sealed, { image, imageKey: other })).toThrow(wrong)
    }
  })

  it('altered, cut or of another image is MESSAGE_INVALID, not KEY_WRONG, while the key check is right', () => {
    const sealed = sealMetadata({ name: 'a', labels: [] }, { image, imageKey, random })
    const altered = Uint8Array.from(sealed)
    altered[sealed.length - 1] ^= 1
    expect(() => openMetadata(altered, { image, imageKey })).toThrow(invalid)
    for (let length = 0; length < sealed.length; length++) {
      expect(() => openMetadata(sealed.subarray(0, length), { image, imageKey })).toThrow(invalid)
    }
    expect(() => openMetadata(sealed, { image: exampleImage(2), imageKey })).toThrow(invalid)
  })

  it('tells nothing of name, labels or digest but their length: two seals of one image share the head alone', () => {
    const metadata = { name: 'a name that is long enough to be found', labels: [], digest: 'ab'.repeat(32) }
    const [a, b] = [1, 2].map(() => Buffer.from(sealMetadata(metadata, { image, imageKey, random })))
    expect(a.subarray(0, 12)).toEqual(b.subarray(0, 12))
    expect(a.subarray(12).equals(b.subarray(12))).toBe(false)
    for (const part of [metadata.name, Buffer.from(metadata.digest, 'hex')]) expect(a.includes(part)).toBe(false)
  })

  it('is refused before it is sealed when a name or the whole is too long', () => {
    const long = { name: 'x'.repeat(1025), labels: [] }
    expect(() => sealMetadata(long, { image, imageKey, random })).toThrow(invalid)
    const large = { name: '', labels: Array(64).fill('x'.repeat(MAX_METADATA_BYTES / 64)) }
    expect(() => sealMetadata(large, { image, imageKey, random })).toThrow(RangeError)
  })
})
