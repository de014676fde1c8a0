import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { AttackRunner } from '../../../models/attack/attack-images.ts'
import type { AttackJob, AttackSettings } from '../../../models/attack/attack-job.ts'
import { codebook } from '../../../models/net/codebook.ts'
import { netNamed } from '../../../models/net/net-config.ts'
import { initialWeights } from '../../../models/net/parameters.ts'
import { codesFor, labelsOf } from '../../../models/workers/see-images.ts'
import { stripes } from './synthetic-views.ts'

const BITS = 16
const net = netNamed('micro')
const views = stripes({ images: 40, seed: 'attacked stripes' }) // more than one batch of 32
const images = Int32Array.from(views.names.keys())
const codes = codesFor(codebook(4, BITS), labelsOf(views, images))
const weights = new Float32Array(new SharedArrayBuffer(4 * initialWeights(net, seededRandom('attacked')).length))
weights.set(initialWeights(net, seededRandom('attacked')))
const runner = new AttackRunner(net)
const EPSILON = 4 / 255

function attack(more: Partial<AttackSettings>) {
  const steady = {
    goal: 'untargeted',
    epsilon: EPSILON,
    steps: 3,
    stepSize: EPSILON / 2,
    restarts: 1,
    seed: 'a'
  } as const
  const settings = { ...steady, ...more }
  const job: AttackJob = { kind: 'attack', weights, pixels: views.pixels, images, bits: BITS, codes, settings }
  return runner.run(job)
}

/** For each image in how many bits its code agrees with the one to flee from or to reach, less those where it does not. */
function agreements(outputs: Float32Array): number[] {
  return [...images].map(at => {
    let sum = 0
    for (let k = at * BITS; k < (at + 1) * BITS; k++) sum += codes[k] * (outputs[k] >= 0 ? 1 : -1)
    return sum
  })
}

describe('restarts', () => {
  for (const { goal, gain } of [
    { goal: 'untargeted', gain: -1 },
    { goal: 'targeted', gain: 1 }
  ] as const) {
    it(`${goal}: of 4 starts no image keeps a weaker one than the first, and some a stronger one`, async () => {
      const first = agreements((await attack({ goal })).outputs)
      const best = agreements((await attack({ goal, restarts: 4 })).outputs)
      const gains = best.map((agreement, at) => gain * (agreement - first[at]))
      expect(Math.min(...gains)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...gains)).toBeGreaterThan(0)
    })
  }
})
