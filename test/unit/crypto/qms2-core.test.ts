import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { typescriptCore } from '../../../crypto/qms2/core.ts'
import { decryptImage } from '../../../crypto/qms2/decrypt.ts'
import { encryptImage } from '../../../crypto/qms2/encrypt.ts'
import { type ChaosSeeds, chaosSeeds } from '../../../crypto/qms2/seeds.ts'
import { wasmCore } from '../../../crypto/qms2/wasm-core.ts'

const seedsOf = (seed: string | number): ChaosSeeds =>
  chaosSeeds(randomBytes(seededRandom(seed), 32), randomBytes(seededRandom(`iv ${seed}`), 32))

const keep = (bytes: Uint8Array): Uint8Array => bytes.slice()

function expectSame(image: Uint8Array, seeds: ChaosSeeds): void {
  const slow = typescriptCore.scramble(image, seeds, keep)
  const fast = wasmCore.scramble(image, seeds, keep)
  expect(Buffer.compare(fast, slow)).toBe(0)
  const [slowBack, fastBack] = [slow.slice(), fast.slice()]
  typescriptCore.unscramble(slowBack, seeds)
  wasmCore.unscramble(fastBack, seeds)
  expect(Buffer.compare(slowBack, image)).toBe(0)
  expect(Buffer.compare(fastBack, image)).toBe(0)
}

test.each([0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 3839, 3840, 3841, 4097, 8191, 8192, 8193, 102_400, 102_401])(
  'the WASM core and the TypeScript core give the same bytes and restore them: %i bytes',
  length => expectSame(randomBytes(seededRandom(length), length), seedsOf(length))
)

test('the WASM core and the TypeScript core give the same bytes for any image and any seeds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer(), (image, seed) => expectSame(image, seedsOf(seed))),
    { numRuns: 60 }
  )
})

test('the WASM core keeps nothing of an image: one after a larger one comes out as if it were the first', () => {
  const small = randomBytes(seededRandom('small'), 500)
  const first = wasmCore.scramble(small, seedsOf(1), keep)
  const view = wasmCore.scramble(randomBytes(seededRandom('large'), 300_000), seedsOf(2), bytes => bytes)
  expect(view.every(byte => byte === 0)).toBe(true) // wiped once used
  expect(wasmCore.scramble(small, seedsOf(1), keep)).toEqual(first)
})

test('the WASM core works on after its user throws', () => {
  const image = randomBytes(seededRandom('throws'), 1000)
  const fail = (): never => {
    throw new Error('from the user')
  }
  expect(() => wasmCore.scramble(image, seedsOf(3), fail)).toThrow('from the user')
  expectSame(image, seedsOf(3))
})

test('the WASM core used from within its own use gives both images right', () => {
  const [outer, inner] = [randomBytes(seededRandom('outer'), 900), randomBytes(seededRandom('inner'), 700)]
  const both = wasmCore.scramble(outer, seedsOf(4), bytes => [wasmCore.scramble(inner, seedsOf(5), keep), keep(bytes)])
  expect(both).toEqual([
    typescriptCore.scramble(inner, seedsOf(5), keep),
    typescriptCore.scramble(outer, seedsOf(4), keep)
  ])
})

test('an image encrypted through either core opens through the other', () => {
  const context = { key: randomBytes(seededRandom('key'), 32), random: seededRandom('nonce') }
  const image = randomBytes(seededRandom('image'), 5000)
  expect(decryptImage(encryptImage(image, context), context, typescriptCore)).toEqual(image)
  expect(decryptImage(encryptImage(image, context, typescriptCore), context)).toEqual(image)
})
