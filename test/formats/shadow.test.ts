import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { imageId, sharingId, shadowNumber } from '../../base/ids.ts'
import { schemeNamed } from '../../crypto/shadow-schemes.ts'
import { rebuildFrom } from '../contract/rebuild-from.ts'

interface Vectors {
  sharing: string
  macKey: string
  vectors: {
    version: 1 | 2
    scheme: string
    threshold: number
    total: number
    data: string
    image: string
    shadows: string[]
  }[]
}

// made by shadow-vector.py, which shares no code with the schemes
const file: Vectors = JSON.parse(readFileSync(new URL('./shadow-vector.json', import.meta.url), 'utf8'))
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const common = { sharing: sharingId(file.sharing), macKey: fromHex(file.macKey) }

test('there are six vectors of shadows of version 1 and eight of version 2', () => {
  expect([1, 2].map(version => file.vectors.filter(vector => vector.version === version).length)).toEqual([6, 8])
})

test.each(file.vectors)(
  '$scheme, version $version, $image: the independent $total shadows pass, and any $threshold that follow one another rebuild',
  ({ scheme, threshold, data, image, shadows }) => {
    const plan = {
      ...common,
      image: imageId(image),
      threshold,
      size: data.length / 2,
      digest: sha256Hex(fromHex(data))
    }
    const bytes = shadows.map(fromHex)
    bytes.forEach((shadow, i) => {
      expect(() => schemeNamed(scheme).open(shadow, { ...plan, number: shadowNumber(i + 1) })).not.toThrow()
    })
    for (let first = 0; first + threshold <= bytes.length; first++) {
      const some = bytes.slice(first, first + threshold)
      expect(rebuildFrom(schemeNamed(scheme), some, plan)).toEqual(fromHex(data))
    }
  }
)
