import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import { imageId, sharingId } from '../../../base/ids.ts'
import { randomBelow, randomBytes, randomUnit, seededRandom } from '../../../base/random.ts'
import { SHADOW_SCHEMES } from '../../../crypto/shadow-schemes.ts'
import { invertMatrix } from '../../../crypto/shadows/field257.ts'
import { allowedThresholds, thresholdPolicy } from '../../../node/placement/choose-threshold.ts'
import { guessThreshold, likeliest, lengthOnPage, priorOf } from './guess-threshold.ts'

const IMAGES = 200
const LEAST_BYTES = 4096
const MOST_BYTES = 262_144
const sharing = sharingId('0123456789abcdef')

describe.each(SHADOW_SCHEMES)('one shadow of scheme $name', scheme => {
  test(`${IMAGES} images, sizes and r by seed: r is guessed by the length no better than without a shadow, with the size nearly always`, () => {
    const random = seededRandom(`one shadow of ${scheme.name}`)
    const pairs = allowedThresholds(thresholdPolicy(), 10)
    const right = { without: 0, unknown: 0, known: 0 }
    for (let i = 0; i < IMAGES; i++) {
      const { threshold, total } = pairs[randomBelow(random, pairs.length)]
      const size = Math.floor(LEAST_BYTES * (MOST_BYTES / LEAST_BYTES) ** randomUnit(random))
      const encrypted = randomBytes(random, size)
      const plan = {
        image: imageId(sha256Hex(encrypted)),
        sharing,
        threshold,
        total,
        macKey: randomBytes(random, 32),
        random
      }
      const number = 1 + randomBelow(random, total)
      const shadow = scheme.make(encrypted, plan)[number - 1]
      expect(shadow).toHaveLength(lengthOnPage(scheme.name === 'bai' ? 1 : 2, size, threshold))
      if (likeliest(priorOf(number)) === threshold) right.without++
      if (guessThreshold(shadow) === threshold) right.unknown++
      if (guessThreshold(shadow, size) === threshold) right.known++
    }
    const of = (count: number): string => `${count} of ${IMAGES}`
    console.log(
      `${scheme.name}, seed 'one shadow of ${scheme.name}': r guessed without a shadow ${of(right.without)}, ` +
        `from one of unknown size ${of(right.unknown)}, of known size ${of(right.known)}`
    )
    const chance = right.without / IMAGES
    expect(right.unknown).toBeLessThan(right.without + 3 * Math.sqrt(chance * (1 - chance) * IMAGES))
    expect(right.known).toBeGreaterThan(0.9 * IMAGES) // the length tells it: what docs say
  })

  test('r=2 s=8: without the key the rank of collected vectors is that of random bytes', () => {
    const random = seededRandom(2)
    const encrypted = randomBytes(random, 6400)
    const plan = {
      image: imageId(sha256Hex(encrypted)),
      sharing,
      threshold: 2,
      total: 8,
      macKey: randomBytes(random, 32),
      random
    }
    const shadows = scheme.make(encrypted, plan)
    const blocks = Array.from({ length: 100 }, (_, block) =>
      shadows.map(shadow => [...shadow.subarray(48 + 8 * block, 56 + 8 * block)])
    )
    const independent = blocks.filter(vectors => invertMatrix(vectors) !== undefined).length
    expect(independent).toBeGreaterThan(90) // 99.6 of 100 by chance; of unmasked vectors none
  })
})
