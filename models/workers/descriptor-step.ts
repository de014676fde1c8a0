import { type Random, randomUnit, seededRandom } from '../../base/random.ts'
import { type Augmentation, augment, evenDraws } from '../data/augment.ts'
import { isCopy } from '../data/copies.ts'
import { shifted } from '../data/shifted.ts'
import { isOfDescriptor, type NetConfig } from '../net/net-config.ts'
import { weightPorts } from '../net/parameters.ts'
import { SessionCache } from '../net/session-cache.ts'
import type { DescriptorStepJob, StepResult } from './worker-jobs.ts'

/** How an image may be shown again and is still the same: little, as what it is told from are its neighbouring slices. */
const SHOWN_AGAIN: Augmentation = { degrees: 3, zoom: 0.03, shift: 0.07, gain: 0.15, mirror: false }
const SHIFTED_SHARE = 0.4 // are moved by whole pixels instead, black beyond the edge
const LARGEST_SHIFT = 4
const NOISY_SHARE = 0.6 // of the rest
const LARGEST_NOISE = 8 / 255
const OWN_WEIGHT = 4 // of the one stored image that a shown one is, beside all it is not

/** Computes loss and gradients of the descriptor for one batch: each image as it is stored, and shown again. */
export class DescriptorStepRunner {
  readonly #net: NetConfig
  readonly #sessions: SessionCache

  constructor(net: NetConfig) {
    this.#net = net
    this.#sessions = new SessionCache(net)
  }

  async run({ pixels, batch, weights, gradient, seed }: DescriptorStepJob): Promise<StepResult> {
    const { side } = this.#net
    const [count, plane] = [batch.length, side ** 2]
    const random = seededRandom(seed)
    const views = Array.from(batch, at => pixels.subarray(at * plane, (at + 1) * plane))
    const x = new Float32Array(2 * count * plane)
    views.forEach((view, at) => {
      for (let i = 0; i < plane; i++) x[at * plane + i] = view[i] / 255
      showAgain(view, x.subarray((count + at) * plane, (count + at + 1) * plane), { side, random })
    })
    const { sign, weight } = pairsOf(views)
    const square = [count, count]
    const session = await this.#sessions.get('train-describe', count)
    const loss = new Float32Array(1)
    gradient.fill(0)
    await session.run(
      {
        x: { data: x, shape: [1, 2 * count, side, side] },
        sign: { data: sign, shape: square },
        weight: { data: weight, shape: square },
        ...weightPorts(this.#net, weights)
      },
      { loss: { data: loss, shape: [] }, ...ownPorts(this.#net, gradient) }
    )
    return { loss: loss[0] }
  }
}

function ownPorts(net: NetConfig, gradient: Float32Array) {
  const all = Object.entries(weightPorts(net, gradient, 'd:'))
  return Object.fromEntries(all.filter(([name]) => isOfDescriptor(name.slice('d:'.length))))
}

/** Which shown image (column) is which stored one (row); images that are copies of each other count for nothing. */
function pairsOf(views: readonly Uint8Array[]): { sign: Float32Array; weight: Float32Array } {
  const count = views.length
  const sign = new Float32Array(count * count).fill(1)
  const weight = new Float32Array(count * count).fill(1)
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      if (isCopy(views[a], views[b])) weight[a * count + b] = weight[b * count + a] = 0
    }
    sign[a * count + a] = -1
    weight[a * count + a] = OWN_WEIGHT
  }
  return { sign, weight }
}

function showAgain(view: Uint8Array, to: Float32Array, { side, random }: { side: number; random: Random }): void {
  if (randomUnit(random) < SHIFTED_SHARE) {
    const [right, down] = evenDraws(random, 2).map(draw => Math.round(draw * LARGEST_SHIFT))
    const moved = shifted(view, side, { right, down })
    for (let i = 0; i < to.length; i++) to[i] = moved[i] / 255
    return
  }
  augment(view, to, { side, by: SHOWN_AGAIN, random })
  if (randomUnit(random) >= NOISY_SHARE) return
  const size = LARGEST_NOISE * randomUnit(random)
  const noise = evenDraws(random, to.length)
  for (let i = 0; i < to.length; i++) to[i] = Math.min(1, Math.max(0, to[i] + Math.sign(noise[i]) * size))
}
