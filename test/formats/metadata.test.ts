import { readFileSync } from 'node:fs'
import { fromString } from 'uint8arrays/from-string'
import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../base/ids.ts'
import type { Random } from '../../base/random.ts'
import { contentDigest } from '../../node/client/content-digest.ts'
import { type Metadata, openMetadata, sealMetadata } from '../../node/client/seal-metadata.ts'

interface Case {
  name: string
  version: 1 | 2
  image: ImageId
  imageKey: string
  nonce: string
  metadata: Metadata
  sealed: string
}

// Made by metadata.py with CBOR, HKDF and XChaCha20 of its own.
const cases: Case[] = JSON.parse(readFileSync(new URL('./metadata.json', import.meta.url), 'utf8'))

const bytes = (hex: string): Uint8Array => fromString(hex, 'hex')

describe('sealed metadata, versions 1 and 2', () => {
  it('has 4 examples', () => expect(cases).toHaveLength(4))

  for (const { name, version, image, imageKey, nonce, metadata, sealed } of cases) {
    it(`${name}: is read as it was written`, () => {
      expect(openMetadata(bytes(sealed), { image, imageKey: bytes(imageKey) })).toEqual(metadata)
    })

    if (version === 1) continue
    it(`${name}: is written as it was read`, () => {
      const random: Random = {
        fill: target => {
          target.set(bytes(nonce))
          return target
        }
      }
      const again = sealMetadata(metadata, { image, imageKey: bytes(imageKey), random })
      expect(Buffer.from(again).toString('hex')).toBe(sealed)
    })
  }

  it("a digest of the plain bytes is the script's", () => {
    const [{ metadata, imageKey }] = cases.filter(({ name }) => name === 'version 2 with all fields')
    expect(contentDigest(Buffer.from('plain bytes'), bytes(imageKey))).toBe(metadata.digest)
  })
})
