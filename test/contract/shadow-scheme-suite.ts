import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { imageId, type ImageId, type ShadowNumber, sharingId, shadowNumber } from '../../base/ids.ts'
import { randomBytes, seededRandom } from '../../base/random.ts'
import type { RebuildPlan, ShadowScheme } from '../../crypto/shadow-scheme.ts'
import { rebuildFrom } from './rebuild-from.ts'

const macKey = randomBytes(seededRandom('mac key'), 32)
const sharing = sharingId('0123456789abcdef')
const SIZES = [0, 1, 2, 59, 60, 61, 63, 64, 65, 123, 124, 125, 252, 253, 1020, 1021, 65_531, 65_532, 65_533, 102_400]
const HEAD_BYTES = 48

interface Split {
  readonly encrypted: Uint8Array
  readonly image: ImageId
  readonly shadows: Uint8Array[]
  /** What rebuilding is given. */
  readonly plan: RebuildPlan & { readonly macKey: Uint8Array }
}

/** Every way to choose `size` of `items`. */
function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]]
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map(rest => [item, ...rest]))
}

/** What rebuilding `encrypted` is given. */
function planOf(encrypted: Uint8Array, threshold: number): Split['plan'] {
  const image = imageId(sha256Hex(encrypted))
  return { image, sharing, threshold, macKey, size: encrypted.length, digest: sha256Hex(encrypted) }
}

/** What an action throws: its code, its detail; for wrong arguments the class. */
function failure(action: () => unknown): { code?: string; detail?: unknown; name: string } {
  try {
    action()
  } catch (error) {
    const { code, detail, name } = error as { code?: string; detail?: unknown; name: string }
    return { code, detail, name }
  }
  return { name: 'nothing was thrown' }
}

/** What every shadow scheme promises. */
export function shadowSchemeSuite(createScheme: () => ShadowScheme): void {
  const scheme = createScheme()
  const rebuild = (shadows: readonly Uint8Array[], plan: Split['plan']) => rebuildFrom(scheme, shadows, plan)

  function split(size: number, [threshold, total]: readonly [number, number], seed: string | number = size): Split {
    const encrypted = randomBytes(seededRandom(`image ${seed}`), size)
    const plan = planOf(encrypted, threshold)
    const shadows = scheme.make(encrypted, { ...plan, total, random: seededRandom(`make ${seed}`) })
    return { encrypted, image: plan.image, shadows, plan }
  }
  const claimOf = ({ image }: Split, number: number) => ({ image, sharing, number: number as ShadowNumber, macKey })

  describe(`shadow scheme ${scheme.name}: splits and rebuilds`, () => {
    test.each([
      [2, 3],
      [2, 4],
      [3, 5],
      [4, 4]
    ] as const)('r=%i s=%i: every r shadows, in any order, give the image', (r, s) => {
      const { encrypted, shadows, plan } = split(1000, [r, s])
      expect(shadows).toHaveLength(s)
      for (const chosen of subsets(shadows, r)) {
        expect(rebuild(chosen, plan)).toEqual(encrypted)
        expect(rebuild(chosen.toReversed(), plan)).toEqual(encrypted)
      }
    })

    test.each(SIZES)('r=3 s=5: an image of %i bytes comes back bit for bit from the last three', size => {
      const { encrypted, shadows, plan } = split(size, [3, 5])
      expect(rebuild(shadows.slice(2), plan)).toEqual(encrypted)
    })

    test('random r, s, sizes to 100 KiB and choices of r shadows give the image', () => {
      const cases = fc
        .record({ r: fc.integer({ min: 2, max: 12 }), more: fc.integer({ min: 0, max: 18 }), seed: fc.integer() })
        .chain(({ r, more, seed }) =>
          fc.record({
            r: fc.constant(r),
            s: fc.constant(r + more),
            seed: fc.constant(seed),
            size: fc.integer({ min: 1, max: 102_400 }),
            order: fc.shuffledSubarray(
              Array.from({ length: r + more }, (_, i) => i),
              { minLength: r, maxLength: r }
            )
          })
        )
      fc.assert(
        fc.property(cases, ({ r, s, seed, size, order }) => {
          const { encrypted, shadows, plan } = split(size, [r, s], seed)
          const rebuilt = rebuild(
            order.map(i => shadows[i]),
            plan
          )
          expect(Buffer.compare(rebuilt, encrypted)).toBe(0)
        }),
        { numRuns: 60 }
      )
    })

    test('an image of one byte value, repeated, comes back bit for bit', () => {
      for (const value of [0, 1, 128, 255]) {
        const encrypted = new Uint8Array(5000).fill(value)
        const plan = planOf(encrypted, 6)
        const shadows = scheme.make(encrypted, { ...plan, total: 10, random: seededRandom(value) })
        expect(rebuild(shadows.slice(4), plan)).toEqual(encrypted)
      }
    })

    test('the largest threshold and 255 shadows: rebuilds', () => {
      const r = scheme.maxThreshold
      const small = split(10, [r, r])
      expect(rebuild(small.shadows, small.plan)).toEqual(small.encrypted)
      const many = split(1000, [2, 255])
      expect(rebuild(many.shadows.slice(253), many.plan)).toEqual(many.encrypted)
    })

    test('make and rebuild leave what they are given as it was', () => {
      const { encrypted, shadows, plan } = split(3000, [3, 5])
      const before = [encrypted, ...shadows].map(bytes => bytes.slice())
      scheme.make(encrypted, { ...plan, total: 5, random: seededRandom(8) })
      rebuild(shadows.slice(1), plan)
      expect([encrypted, ...shadows]).toEqual(before)
    })

    test('what is returned does not change with later calls', () => {
      const first = split(3000, [3, 5], 'first')
      const kept = first.shadows.map(shadow => shadow.slice())
      const rebuilt = rebuild(first.shadows, first.plan)
      const second = split(3000, [3, 5], 'second')
      rebuild(second.shadows, second.plan)
      expect(first.shadows).toEqual(kept)
      expect(rebuilt).toEqual(first.encrypted)
    })

    test('an image that is a view into a larger buffer comes back, and so from shadows that are views', () => {
      const large = randomBytes(seededRandom(9), 5000)
      const encrypted = large.subarray(1001, 3333)
      const plan = planOf(encrypted, 2)
      const shadows = scheme.make(encrypted, { ...plan, total: 3, random: seededRandom(9) })
      const views = shadows.map(shadow => Buffer.concat([Buffer.alloc(7), shadow, Buffer.alloc(9)]).subarray(7, -9))
      expect(rebuild(views, plan)).toEqual(encrypted.slice())
    })

    test('one seed gives the same shadows, two splits with different random bytes share no part but the head', () => {
      const { encrypted, shadows, plan } = split(1000, [2, 3])
      const again = scheme.make(encrypted, { ...plan, total: 3, random: seededRandom('make 1000') })
      expect(again).toEqual(shadows)
      const other = scheme.make(encrypted, { ...plan, total: 3, random: seededRandom('other') })
      other.forEach((shadow, i) => {
        expect(shadow.subarray(0, HEAD_BYTES)).toEqual(shadows[i].subarray(0, HEAD_BYTES))
        const equal = shadow.filter((byte, at) => at >= HEAD_BYTES && byte === shadows[i][at]).length
        expect(equal / shadow.length).toBeLessThan(0.05) // 1 in 256 by chance
      })
    })
  })

  describe(`shadow scheme ${scheme.name}: lost and bad shadows`, () => {
    test('r=6 s=10: 9, 8, 7 and 6 holders rebuild; 5 give NOT_ENOUGH_SHADOWS', () => {
      const { encrypted, shadows, plan } = split(20_000, [6, 10])
      for (const holders of [9, 8, 7, 6]) {
        expect(rebuild(shadows.slice(10 - holders), plan)).toEqual(encrypted)
      }
      const { code, detail } = failure(() => rebuild(shadows.slice(5), plan))
      expect({ code, detail }).toEqual({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 5, need: 6 } })
    })

    test.each([
      [2, 3],
      [3, 5],
      [6, 10]
    ] as const)('r=%i s=%i: r-1 shadows, none, and one repeated r times give NOT_ENOUGH_SHADOWS', (r, s) => {
      const { shadows, plan } = split(500, [r, s])
      const given = [shadows.slice(0, r - 1), [], Array.from({ length: r }, () => shadows[1])]
      const have = given.map(some => failure(() => rebuild(some, plan)))
      expect(have.map(({ code }) => code)).toEqual(Array(3).fill('NOT_ENOUGH_SHADOWS'))
      expect(have.map(({ detail }) => detail)).toEqual([r - 1, 0, 1].map(have => ({ have, need: r })))
    })

    test('a shadow with any one byte changed is refused and left aside; with r others the image is rebuilt', () => {
      const made = split(300, [2, 3])
      for (let at = 0; at < made.shadows[0].length; at++) {
        const tampered = made.shadows[0].slice()
        tampered[at] ^= 1 << (at % 8)
        expect(failure(() => scheme.open(tampered, claimOf(made, 1))).code).toBe('SHADOW_CORRUPT')
        expect(rebuild([tampered, made.shadows[1], made.shadows[2]], made.plan)).toEqual(made.encrypted)
        const { code, detail } = failure(() => rebuild([tampered, made.shadows[2]], made.plan))
        expect({ code, detail }).toEqual({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 1, need: 2 } })
      }
    })

    test('r=3 s=6: whatever happens to each shadow, the image is rebuilt when 3 stay good, else NOT_ENOUGH_SHADOWS', () => {
      const { encrypted, shadows, plan } = split(2000, [3, 6])
      const older = scheme.make(encrypted, {
        ...plan,
        sharing: sharingId('fedcba9876543210'),
        total: 6,
        random: seededRandom('older')
      })
      const fate = fc.record({
        kind: fc.constantFrom('kept', 'kept', 'kept twice', 'lost', 'altered', 'cut', 'older'),
        at: fc.nat(shadows[0].length - 1),
        bit: fc.nat(7)
      })
      const apply = (shadow: Uint8Array, i: number, { kind, at, bit }: { kind: string; at: number; bit: number }) => {
        if (kind === 'lost') return []
        if (kind === 'kept twice') return [shadow, shadow]
        if (kind === 'altered') return [shadow.with(at, shadow[at] ^ (1 << bit))]
        if (kind === 'cut') return [shadow.subarray(0, at)]
        return [kind === 'older' ? older[i] : shadow]
      }
      fc.assert(
        fc.property(fc.array(fate, { minLength: 6, maxLength: 6 }), fc.boolean(), (fates, reversed) => {
          const given = shadows.flatMap((shadow, i) => apply(shadow, i, fates[i]))
          const have = fates.filter(({ kind }) => kind.startsWith('kept')).length
          const attempt = () => rebuild(reversed ? given.reverse() : given, plan)
          if (have >= 3) expect(attempt()).toEqual(encrypted)
          else {
            const { code, detail } = failure(attempt)
            expect({ code, detail }).toEqual({ code: 'NOT_ENOUGH_SHADOWS', detail: { have, need: 3 } })
          }
        })
      )
    })

    test('a bad copy before the good one of its number does not stand in its way', () => {
      const { encrypted, shadows, plan } = split(300, [2, 3])
      const bad = shadows[0].with(100, shadows[0][100] ^ 255)
      expect(rebuild([bad, shadows[0], bad, shadows[1]], plan)).toEqual(encrypted)
    })

    test('truncated, lengthened, empty and random bytes are refused and left aside', () => {
      const made = split(300, [2, 3])
      const good = made.shadows[0]
      const random = seededRandom('junk')
      const junk = [
        ...[0, 1, 4, 51, 52, 53, 84, 116, 117, good.length - 1].map(length => good.subarray(0, length)),
        Buffer.concat([good, Buffer.alloc(1)]),
        ...[1, 52, 117, 500, good.length].map(length => randomBytes(random, length)),
        Buffer.concat([good.subarray(0, HEAD_BYTES), randomBytes(random, 500)])
      ]
      for (const bytes of junk) {
        expect(failure(() => scheme.open(bytes, claimOf(made, 1))).code).toBe('SHADOW_CORRUPT')
      }
      expect(rebuild([...junk, ...made.shadows.slice(1)], made.plan)).toEqual(made.encrypted)
      expect(failure(() => rebuild(junk, made.plan)).detail).toEqual({ have: 0, need: 2 })
    })

    test('a size that the shadows are too short or too long for gives NOT_ENOUGH_SHADOWS before memory is taken for it', () => {
      const { shadows, plan } = split(300, [2, 3])
      for (const size of [0, 3000, 2 ** 32, 2 ** 53 - 1]) {
        const { code, detail } = failure(() => rebuild(shadows, { ...plan, size }))
        expect({ code, detail }).toEqual({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 0, need: 2 } })
      }
    })

    test('a wrong size for which shadows are as long gives IMAGE_CORRUPT', () => {
      const { shadows, plan } = split(300, [2, 3])
      for (const size of [299, 301])
        expect(failure(() => rebuild(shadows, { ...plan, size })).code).toBe('IMAGE_CORRUPT')
    })

    test('a good shadow passes under its own claim and under no other', () => {
      const made = split(300, [2, 3])
      const claim = claimOf(made, 2)
      expect(() => scheme.open(made.shadows[1], claim)).not.toThrow()
      const lies = [
        { ...claim, number: shadowNumber(1) },
        { ...claim, image: imageId(sha256Hex(new Uint8Array(3))) },
        { ...claim, sharing: sharingId('0123456789abcdee') },
        { ...claim, macKey: macKey.toReversed() }
      ]
      for (const lie of lies) expect(failure(() => scheme.open(made.shadows[1], lie)).code).toBe('SHADOW_CORRUPT')
    })

    test('shadows of another image, of an older sharing and under another MAC key are left aside', () => {
      const made = split(300, [2, 3])
      const other = split(300, [2, 3], 'other image')
      const remake = (changed: object): Uint8Array[] =>
        scheme.make(made.encrypted, { ...made.plan, total: 3, random: seededRandom('old'), ...changed })
      const older = remake({ sharing: sharingId('fedcba9876543210') })
      const foreign = remake({ macKey: macKey.toReversed() })
      for (const strangers of [other.shadows, older, foreign]) {
        const { code, detail } = failure(() => rebuild([...strangers, made.shadows[2]], made.plan))
        expect({ code, detail }).toEqual({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 1, need: 2 } })
        expect(rebuild([...strangers, ...made.shadows.slice(1)], made.plan)).toEqual(made.encrypted)
      }
    })

    test('shadows opened for another image or an older sharing are left aside by rebuilding itself', () => {
      const made = split(300, [2, 3])
      const other = split(300, [2, 3], 'other image')
      const older = { ...made.plan, sharing: sharingId('fedcba9876543210') }
      const olderShadows = scheme.make(made.encrypted, { ...older, total: 3, random: seededRandom('old') })
      const open = (shadows: readonly Uint8Array[], plan: Split['plan']) =>
        shadows.map((shadow, i) => scheme.open(shadow, { ...plan, number: shadowNumber(i + 1) }))
      const mine = open(made.shadows, made.plan)
      for (const strangers of [open(other.shadows, other.plan), open(olderShadows, older)]) {
        const { code, detail } = failure(() => scheme.rebuild([...strangers, mine[2]], made.plan))
        expect({ code, detail }).toEqual({ code: 'NOT_ENOUGH_SHADOWS', detail: { have: 1, need: 2 } })
        expect(scheme.rebuild([...strangers, ...mine.slice(1)], made.plan)).toEqual(made.encrypted)
      }
    })

    test('good shadows whose bytes have another digest than is asked for give IMAGE_CORRUPT', () => {
      const { encrypted } = split(300, [2, 3])
      const plan = planOf(encrypted, 2)
      const shadows = scheme.make(encrypted, { ...plan, total: 3, random: seededRandom(1) })
      const digest = sha256Hex(new Uint8Array(1))
      expect(failure(() => rebuild(shadows, { ...plan, digest })).code).toBe('IMAGE_CORRUPT')
    })

    test('shadows of two splits under one sharing id mixed together give IMAGE_CORRUPT, never another image', () => {
      const made = split(300, [2, 3])
      const twice = scheme.make(made.encrypted, { ...made.plan, total: 3, random: seededRandom('twice') })
      expect(failure(() => rebuild([made.shadows[0], twice[1]], made.plan)).code).toBe('IMAGE_CORRUPT')
    })

    test('a wrong threshold gives no image, also where shadows of it would be as long', () => {
      const { shadows, plan } = split(3000, [3, 5])
      for (const threshold of [2, 4, 5]) {
        expect(failure(() => rebuild(shadows, { ...plan, threshold })).code).toBe('NOT_ENOUGH_SHADOWS')
      }
      const small = split(50, [3, 5])
      for (const threshold of [2, 4, 5]) {
        expect(failure(() => rebuild(small.shadows, { ...small.plan, threshold })).code).toBe('IMAGE_CORRUPT')
      }
    })
  })

  describe(`shadow scheme ${scheme.name}: what a shadow shows, and wrong arguments`, () => {
    test('the head of a shadow is the same for every threshold', () => {
      const heads = [2, 3, 4, 5, 6].map(r => split(1000, [r, 10]).shadows[3].subarray(0, HEAD_BYTES))
      for (const head of heads) expect(head).toEqual(heads[0])
    })

    test('r=6: shadow 6, which holds the end of what is sealed, has nowhere four zeros, and ends otherwise at every split', () => {
      const { encrypted, plan } = split(1000, [6, 10])
      const contents = Array.from({ length: 20 }, (_, seed) => {
        const shadow = scheme.make(encrypted, { ...plan, total: 10, random: seededRandom(seed) })[5]
        return Buffer.from(shadow.subarray(HEAD_BYTES, -64))
      })
      expect(contents.filter(content => content.includes(Buffer.alloc(4)))).toEqual([])
      expect(new Set(contents.map(content => content.subarray(-5).toString('hex'))).size).toBe(20)
    })

    test('wrong numbers and keys are a RangeError', () => {
      const { encrypted, shadows, plan } = split(10, [2, 3])
      const make = (changed: object) =>
        failure(() => scheme.make(encrypted, { ...plan, total: 3, random: seededRandom(1), ...changed })).name
      const tooMany = scheme.maxThreshold + 1
      const wrong = [
        { threshold: 1 },
        { threshold: 4 },
        { threshold: 2.5 },
        { threshold: tooMany, total: 255 },
        { total: 256 },
        { total: 1 },
        { macKey: new Uint8Array(31) }
      ]
      expect(wrong.map(make)).toEqual(wrong.map(() => 'RangeError'))
      expect(failure(() => rebuild(shadows, { ...plan, threshold: 1 })).name).toBe('RangeError')
      expect(failure(() => rebuild(shadows, { ...plan, macKey: new Uint8Array(33) })).name).toBe('RangeError')
    })
  })
}
