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
const invalid = expect.objectContaining({ code: 'MESSAGE_INVALID' })

/** Any bytes, sealed as an owner that holds K_QIE could seal them. */
function sealAny(plain: Uint8Array): Uint8Array {
  const id = Buffer.from(image, 'hex')
  return sealBytes(deriveKey(imageKey, { salt: id, info: 'sfmedir/metadata/1' }), plain, { associated: id, random })
}

describe('sealed metadata', () => {
  for (const name of ['', 'a.dcm', 'Müller', '\ufeffmarked', 'not \ufffd known', 'x'.repeat(1024)]) {
    it(`named ${JSON.stringify(name.slice(0, 16))}: opens to what was sealed`, () => {
      const metadata = { name, labels: ['lung', 'ü'] }
      expect(openMetadata(sealMetadata(metadata, { image, imageKey, random }), { image, imageKey })).toEqual(metadata)
      expect(openMetadata(sealAny(encode(metadata)), { image, imageKey })).toEqual(metadata)
    })
  }

  const bad: Record<string, Uint8Array> = {
    'no CBOR': Uint8Array.of(0xff),
    nothing: new Uint8Array(),
    'no labels': encode({ name: '' }),
    'a label that is a number': encode({ name: '', labels: [1] }),
    'a field more': encode({ name: '', labels: [], more: 1 }),
    '65 labels': encode({ name: '', labels: Array(65).fill('') }),
    'a name of 1025 characters': encode({ name: 'x'.repeat(1025), labels: [] }),
    'a name that is not UTF-8': Buffer.from('a2646e616d6561ff666c6162656c7380', 'hex'),
    'bytes behind': Buffer.concat([encode({ name: '', labels: [] }), Uint8Array.of(0)])
  }
  for (const [id, plain] of Object.entries(bad)) {
    it(`${id}: is MESSAGE_INVALID`, () => {
      expect(() => openMetadata(sealAny(plain), { image, imageKey })).toThrow(invalid)
    })
  }

  it('is refused before it is sealed when a name or the whole is too long', () => {
    const long = { name: 'x'.repeat(1025), labels: [] }
    expect(() => sealMetadata(long, { image, imageKey, random })).toThrow(invalid)
    const large = { name: '', labels: Array(64).fill('x'.repeat(MAX_METADATA_BYTES / 64)) }
    expect(() => sealMetadata(large, { image, imageKey, random })).toThrow(RangeError)
  })
})
