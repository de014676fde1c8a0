import { createCipheriv } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import { imageId, sharingId } from '../../../base/ids.ts'
import { randomBytes, seededRandom, systemRandom } from '../../../base/random.ts'
import type { ShadowScheme } from '../../../crypto/shadow-scheme.ts'
import { SHADOW_SCHEMES, schemeNamed } from '../../../crypto/shadow-schemes.ts'
import { baiScheme } from '../../../crypto/shadows/bai-scheme.ts'
import { blockSideFor, formFor, paddedBytes } from '../../../crypto/shadows/content-form.ts'
import { openFrom, sealInto } from '../../../crypto/shadows/sealed-fragments.ts'
import { readShadow, SCHEME_IDS } from '../../../crypto/shadows/shadow-format.ts'
import { rebuildFrom } from '../../contract/rebuild-from.ts'

const KIB = 1024
const sharing = sharingId('0123456789abcdef')
const macKey = randomBytes(seededRandom('mac key'), 32)

function split(scheme: ShadowScheme, size: number, [threshold, total]: readonly [number, number]) {
  const encrypted = randomBytes(seededRandom(size), size)
  const plan = { image: imageId(sha256Hex(encrypted)), sharing, threshold, macKey, size, digest: sha256Hex(encrypted) }
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
    [1, 2, 256],
    [440, 2, 512], // 7 blocks: 48 + 56 + 232 + 64 = 400
    [5000, 6, 1792], // 79 blocks: 48 + 632 + 846 + 64 = 1590
    [524_365, 6, 155_648] // 8194 blocks: 48 + 65552 + 87406 + 64 = 153070
  ])(
    'bai, %i bytes at r=%i: %i bytes, 112 + 8 a block + an r-th of the sealed remainders, rounded up',
    (size, r, bytes) => {
      expect(split(baiScheme(), size, [r, 10]).shadows[0]).toHaveLength(bytes)
    }
  )

  test.each([
    [0, 2, 256],
    [5000, 6, 1024], // 48 + 836 + 64 = 948
    [524_365, 2, 270_336] // 48 + 262191 + 64 = 262303
  ])('disperse, %i bytes at r=%i: %i bytes, 112 + an r-th of the sealed image, rounded up', (size, r, bytes) => {
    expect(split(schemeNamed('disperse'), size, [r, 10]).shadows[0]).toHaveLength(bytes)
  })

  test('lengths are rounded up to multiples of 256 to 8 KiB, by 6.3 % at most from there on, by 3.2 % from 64 KiB on', () => {
    expect([1, 256, 257, 8191, 8193].map(paddedBytes)).toEqual([256, 256, 512, 8192, 8704])
    for (let bytes = 8192; bytes < 2 ** 28; bytes = Math.ceil(bytes * 1.01)) {
      const padded = paddedBytes(bytes)
      expect(padded).toBeGreaterThanOrEqual(bytes)
      expect(padded / bytes).toBeLessThan(bytes < 65_536 ? 1.063 : 1.032)
      expect(paddedBytes(padded)).toBe(padded)
    }
  })

  test.each(Object.entries(SCHEME_IDS))(
    '%s: every r of 2 to 10 and 15 reaches every length from 1 KiB to 16 KiB that there is',
    (_, scheme) => {
      const lengthOf = (size: number, threshold: number): number => {
        const form = formFor({ scheme, size, threshold })
        return 112 + form.blocks * form.blockSide + form.fragmentBytes
      }
      for (const threshold of [2, 3, 4, 5, 6, 7, 8, 9, 10, 15]) {
        const lengths = new Set<number>()
        for (let size = 0; size < 250_000; size += 8) lengths.add(lengthOf(size, threshold))
        for (let length = 1024; length <= 16_384; length = paddedBytes(length + 1)) expect(lengths).toContain(length)
      }
    }
  )
})

describe('bai: block side and engine', () => {
  test('m is 8 to r=6, 16 to r=14 and 32 to r=30, always 2 or more above r', () => {
    const sides = Array.from({ length: 29 }, (_, i) => blockSideFor(i + 2))
    expect(sides).toEqual([...Array(5).fill(8), ...Array(8).fill(16), ...Array(16).fill(32)])
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
    const { content, keyShare, body, mac } = readShadow(shadow)
    expect([content, keyShare, mac].map(part => part.length)).toEqual([144, 32, 32])
    expect(Buffer.concat([shadow.subarray(0, 48), content, keyShare, mac])).toEqual(Buffer.from(shadow))
    expect(Buffer.concat([body, mac])).toEqual(Buffer.from(shadow))
  })

  test('version 1: vectors that would not leave one byte for the fragment are refused before any MAC is looked at', () => {
    const shadow = split(baiScheme(), 100, [2, 3]).shadows[0].slice() // 144 bytes of content, 140 in version 1
    const claim = (blocks: number): Uint8Array => {
      shadow.set([1, 1, 8], 4)
      Buffer.from(shadow.buffer).writeUInt32BE(blocks, 48)
      return shadow
    }
    expect(readShadow(claim(17)).declared).toEqual({ blockSide: 8, extent: 17 })
    const corrupt = expect.objectContaining({ code: 'SHADOW_CORRUPT' })
    for (const blocks of [18, 19, 2 ** 32 - 1]) expect(() => readShadow(claim(blocks))).toThrow(corrupt)
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
  const head = { image: imageId(sha256Hex(new Uint8Array(1))), sharing }
  const key = randomBytes(seededRandom('key'), 32)

  function seal(plain: Uint8Array, threshold: number): Uint8Array[] {
    const size = Math.ceil((plain.length + 16) / threshold)
    const fragments = Array.from({ length: threshold }, () => new Uint8Array(size).fill(0xee)) // memory used before
    const sealer = sealInto(fragments, { key, head })
    for (let at = 0; at < plain.length; at += 7) sealer.write(plain.subarray(at, at + 7))
    sealer.finish()
    return fragments
  }

  test('what is left of the fragments is filled with sealed zeros: every byte is that of the AEAD', () => {
    const sealed = Buffer.concat(seal(new Uint8Array(10), 9)) // 26 bytes in 9 fragments of 3
    const { image, sharing: of } = head
    const cipher = createCipheriv('chacha20-poly1305', key, new Uint8Array(12), { authTagLength: 16 })
    cipher.setAAD(Buffer.from(`sfmedir/remainder/2/${image}/${of}`), { plaintextLength: 11 })
    expect(sealed).toEqual(Buffer.concat([cipher.update(new Uint8Array(11)), cipher.final(), cipher.getAuthTag()]))
  })

  test.each([0, 1, 6, 7, 50, 1000])('%i bytes sealed in pieces open in other pieces', length => {
    const plain = randomBytes(seededRandom(length), length)
    const fragments = seal(plain, 4)
    const opener = openFrom(fragments, { key, head, length: 4 * fragments[0].length - 16, version: 2 })
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
      { fragments: seal(plain, 3), key, head: { ...head, image: imageId(sha256Hex(new Uint8Array(2))) } },
      { fragments: seal(plain, 3), key, head: { ...head, sharing: sharingId('fedcba9876543210') } },
      { fragments: altered, key, head }
    ]
    for (const { fragments, ...binding } of wrong) {
      const opener = openFrom(fragments, { ...binding, length: 3 * fragments[0].length - 16, version: 2 })
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
  const plan = { image: imageId(sha256Hex(encrypted)), sharing, threshold: 6, total: 10, macKey, random: systemRandom }
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
