import { describe, expect, test } from 'vitest'
import { imageIdOf } from '../../../base/bytes.ts'
import { sharingId } from '../../../base/ids.ts'
import { randomBytes, seededRandom, systemRandom } from '../../../base/random.ts'
import type { ShadowScheme } from '../../../crypto/shadow-scheme.ts'
import { SHADOW_SCHEMES, schemeNamed } from '../../../crypto/shadow-schemes.ts'
import { baiScheme, blockSideFor } from '../../../crypto/shadows/bai-scheme.ts'
import { fragmentBytes, openFrom, sealInto } from '../../../crypto/shadows/sealed-fragments.ts'
import { readShadow } from '../../../crypto/shadows/shadow-format.ts'
import { rebuildFrom } from '../../contract/rebuild-from.ts'

const KIB = 1024
const sharing = sharingId('0123456789abcdef')
const macKey = randomBytes(seededRandom('mac key'), 32)

function split(scheme: ShadowScheme, size: number, [threshold, total]: readonly [number, number]) {
  const encrypted = randomBytes(seededRandom(size), size)
  const plan = { image: imageIdOf(encrypted), sharing, threshold, macKey }
  const shadows = scheme.make(encrypted, { ...plan, total, random: seededRandom('make') })
  return { encrypted, plan, shadows }
}

describe('sizes of shadows', () => {
  test.each([
    [2, 3, 1.88, 1.5],
    [3, 5, 2.29, 1.67],
    [6, 10, 2.92, 1.67],
    [10, 30, 4.88, 3.0]
  ] as const)(
    'r=%i s=%i, 512 KiB: s shadows take %f times the image with bai, %f with disperse',
    (r, s, bai, disperse) => {
      const expected = { bai, disperse }
      for (const { name } of SHADOW_SCHEMES) {
        const { encrypted, shadows } = split(schemeNamed(name), 512 * KIB, [r, s])
        const total = shadows.reduce((sum, shadow) => sum + shadow.length, 0)
        expect(total / encrypted.length).toBeCloseTo(expected[name as keyof typeof expected], 1)
        expect(new Set(shadows.map(shadow => shadow.length)).size).toBe(1)
      }
    }
  )

  test.each([
    [1, 2, 1],
    [60, 2, 1],
    [61, 2, 2],
    [5000, 6, 79]
  ])(
    'bai, %i bytes at r=%i: %i blocks, 52 + 8 a block + an r-th of the sealed remainders + 64 bytes',
    (size, r, blocks) => {
      const { shadows } = split(baiScheme(), size, [r, 10])
      expect(shadows[0]).toHaveLength(52 + 8 * blocks + Math.ceil((64 * blocks + 16) / r) + 64)
    }
  )

  test.each([
    [0, 2],
    [5000, 6]
  ])('disperse, %i bytes at r=%i: 52 + an r-th of the sealed image + 64 bytes', (size, r) => {
    const { shadows } = split(schemeNamed('disperse'), size, [r, 10])
    expect(shadows[0]).toHaveLength(52 + Math.ceil((size + 16) / r) + 64)
  })
})

describe('bai: block side and engine', () => {
  test('m is 8 to r=6, 16 to r=14 and 32 to r=30, always 2 or more above r', () => {
    const sides = Array.from({ length: 29 }, (_, i) => blockSideFor(i + 2))
    expect(sides).toEqual([...Array(5).fill(8), ...Array(8).fill(16), ...Array(16).fill(32)])
  })

  test('a set block side m takes thresholds to m-2; others than 8, 16, 24 and 32 are a RangeError', () => {
    for (const blockSide of [8, 16, 24, 32]) {
      const scheme = baiScheme({ blockSide })
      expect(scheme.maxThreshold).toBe(blockSide - 2)
      expect(() => split(scheme, 10, [blockSide - 1, 40])).toThrow(RangeError)
    }
    for (const blockSide of [0, 4, 12, 40, 8.5]) expect(() => baiScheme({ blockSide })).toThrow(RangeError)
    expect(baiScheme({ blockSide: undefined }).maxThreshold).toBe(30)
  })

  test('shadows of m = 16 and m = 24 are rebuilt by a scheme set to 8', () => {
    for (const blockSide of [16, 24]) {
      const { encrypted, plan, shadows } = split(baiScheme({ blockSide }), 2000, [3, 5])
      expect(rebuildFrom(baiScheme({ blockSide: 8 }), shadows.slice(2), plan)).toEqual(encrypted)
    }
  })

  test('the plain TypeScript engine makes the same shadows as WebAssembly, and rebuilds them', () => {
    const fast = split(baiScheme(), 3000, [4, 7])
    const plain = split(baiScheme({ engine: 'script' }), 3000, [4, 7])
    expect(plain.shadows).toEqual(fast.shadows)
    expect(rebuildFrom(baiScheme({ engine: 'script' }), fast.shadows.slice(3), fast.plan)).toEqual(fast.encrypted)
  })

  test('shadows of one scheme are no shadows for the other', () => {
    const { plan, shadows } = split(schemeNamed('disperse'), 2000, [3, 5])
    const refused = expect.objectContaining({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 0, need: 3 } })
    expect(() => rebuildFrom(baiScheme(), shadows, plan)).toThrow(refused)
  })
})

describe('form of a shadow', () => {
  test('its parts follow one another and leave nothing out', () => {
    const [shadow] = split(baiScheme(), 100, [2, 3]).shadows
    const { vectors, fragment, keyShare, body, mac } = readShadow(shadow)
    expect([vectors, fragment, keyShare, mac].map(part => part.length)).toEqual([16, 72, 32, 32])
    expect(Buffer.concat([shadow.subarray(0, 52), vectors, fragment, keyShare, mac])).toEqual(Buffer.from(shadow))
    expect(Buffer.concat([body, mac])).toEqual(Buffer.from(shadow))
  })

  test('vectors that would not leave one byte for the fragment are refused before any MAC is looked at', () => {
    const shadow = split(baiScheme(), 100, [2, 3]).shadows[0].slice() // 16 bytes of vectors, 72 of fragment
    const claim = (blocks: number): Uint8Array => {
      Buffer.from(shadow.buffer).writeUInt32BE(blocks, 48)
      return shadow
    }
    expect(readShadow(claim(10)).fragment).toHaveLength(8)
    const corrupt = expect.objectContaining({ code: 'SHADOW_CORRUPT' })
    for (const blocks of [11, 12, 2 ** 32 - 1]) expect(() => readShadow(claim(blocks))).toThrow(corrupt)
  })

  test.each([
    ['magic', 0],
    ['version', 4],
    ['block side', 6],
    ['number', 7]
  ])('a wrong %s is refused', (_, at) => {
    const shadow = split(baiScheme(), 100, [2, 3]).shadows[0].slice()
    shadow[at] = at === 7 ? 0 : shadow[at] + 1
    expect(() => readShadow(shadow)).toThrow(expect.objectContaining({ code: 'SHADOW_CORRUPT' }))
  })
})

describe('sealing across fragments', () => {
  const head = { image: imageIdOf(new Uint8Array(1)), sharing }
  const key = randomBytes(seededRandom('key'), 32)

  function seal(plain: Uint8Array, threshold: number): Uint8Array[] {
    const size = fragmentBytes({ blockSide: 0, extent: plain.length }, threshold)
    const fragments = Array.from({ length: threshold }, () => new Uint8Array(size).fill(0xee)) // memory used before
    const sealer = sealInto(fragments, { key, head })
    for (let at = 0; at < plain.length; at += 7) sealer.write(plain.subarray(at, at + 7))
    sealer.finish()
    return fragments
  }

  test('nothing of what was in memory before is left in a fragment', () => {
    const fragments = seal(new Uint8Array(10), 9) // 26 bytes in 9 fragments of 3
    expect(fragments[8].at(-1)).toBe(0)
  })

  test.each([0, 1, 6, 7, 50, 1000])('%i bytes sealed in pieces open in other pieces', length => {
    const plain = randomBytes(seededRandom(length), length)
    const opener = openFrom(seal(plain, 4), { key, head, length })
    const opened = new Uint8Array(length)
    for (let at = 0; at < length; at += 11) opener.read(opened.subarray(at, at + 11))
    opener.finish()
    expect(opened).toEqual(plain)
  })

  test('another key, image, sharing or one bit gives IMAGE_CORRUPT', () => {
    const plain = randomBytes(seededRandom(1), 100)
    const altered = seal(plain, 3)
    altered[1][5] ^= 1
    const wrong = [
      { fragments: seal(plain, 3), key: key.toReversed(), head },
      { fragments: seal(plain, 3), key, head: { ...head, image: imageIdOf(new Uint8Array(2)) } },
      { fragments: seal(plain, 3), key, head: { ...head, sharing: sharingId('fedcba9876543210') } },
      { fragments: altered, key, head }
    ]
    for (const { fragments, ...binding } of wrong) {
      const opener = openFrom(fragments, { ...binding, length: plain.length })
      opener.read(new Uint8Array(plain.length))
      expect(() => opener.finish()).toThrow(expect.objectContaining({ code: 'IMAGE_CORRUPT' }))
    }
  })
})

test('schemes are found by name; an unknown name is CONFIG_INVALID', () => {
  expect(SHADOW_SCHEMES.map(({ name }) => name)).toEqual(['bai', 'disperse'])
  for (const scheme of SHADOW_SCHEMES) expect(schemeNamed(scheme.name)).toBe(scheme)
  expect(() => schemeNamed('shamir')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
})

test('r=6 s=10: splitting 512 KiB allocates less than 8 times the image, with the shadows', () => {
  const encrypted = randomBytes(systemRandom, 512 * KIB)
  const plan = { image: imageIdOf(encrypted), sharing, threshold: 6, total: 10, macKey, random: systemRandom }
  const scheme = baiScheme()
  scheme.make(encrypted, plan) // the kernels' memory, which stays
  const allocated = Array.from({ length: 9 }, () => {
    const before = process.memoryUsage()
    scheme.make(encrypted, plan)
    const after = process.memoryUsage()
    return after.arrayBuffers - before.arrayBuffers + (after.heapUsed - before.heapUsed)
  })
  // a collection in between makes a single figure too small, never too large
  const most = Math.max(...allocated) / encrypted.length
  expect(most).toBeGreaterThan(2.9) // the shadows alone
  expect(most).toBeLessThan(8)
})
