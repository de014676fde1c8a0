import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { checkpointsOf } from '../../../models/attack/ascent.ts'
import { AttackRunner } from '../../../models/attack/attack-images.ts'
import type { AttackSettings } from '../../../models/attack/attack-job.ts'
import { shareAt } from '../../../models/attack/square.ts'
import { openSession } from '../../../models/graph/session.ts'
import { agreement, centreOf, codebook } from '../../../models/net/codebook.ts'
import { netNamed } from '../../../models/net/net-config.ts'
import { initialWeights, weightPorts } from '../../../models/net/parameters.ts'
import { trainingGraph } from '../../../models/net/training-graph.ts'
import { labelsOf } from '../../../models/workers/see-images.ts'
import { stripes } from './synthetic-views.ts'

const CLASSES = 4
const BITS = 16
const EPSILON = 4 / 255
const net = netNamed('micro')
const views = stripes({ images: 40, seed: 'attacked stripes' }) // more than one batch of 32
const images = Int32Array.from(views.names.keys())
const labels = labelsOf(views, images)
const targets = labels.map(label => (label + 1) % CLASSES)
const book = codebook(CLASSES, BITS)
const weights = new Float32Array(new SharedArrayBuffer(4 * initialWeights(net, seededRandom('attacked')).length))
weights.set(initialWeights(net, seededRandom('attacked')))
const runner = new AttackRunner(net)

type Goal = 'targeted' | 'untargeted'
const GOALS = ['targeted', 'untargeted'] as const

async function attack(goal: Goal, more: Partial<AttackSettings> = {}): Promise<Float32Array[]> {
  const settings = { epsilon: EPSILON, steps: 3, stepSize: EPSILON / 2, restarts: 1, seed: 'a', ...more }
  const job = { kind: 'attack', weights, pixels: views.pixels, images, book, labels, settings } as const
  const { images: attacked, outputs } = await runner.run(goal === 'targeted' ? { ...job, targets } : job)
  for (let i = 0; i < attacked.length; i++) {
    if (Math.abs(attacked[i] - views.pixels[i] / 255) > EPSILON + 1e-6) throw new Error('beyond epsilon')
    if (!(attacked[i] >= 0 && attacked[i] <= 1)) throw new Error('beyond the pixel range')
  }
  return [...images].map(at => outputs.subarray(at * BITS, (at + 1) * BITS))
}

/** How much nearer, in bits, each code is to the target (else the nearest other) centre than to any (else the own) other. */
function margins(goal: Goal, rows: readonly Float32Array[]): number[] {
  return rows.map((z, at) => {
    const distance = (label: number): number =>
      z.filter((value, k) => value >= 0 !== centreOf(book, label)[k] > 0).length
    const from = goal === 'targeted' ? targets[at] : labels[at]
    const others = [...Array(CLASSES).keys()].filter(label => label !== from)
    const gap = distance(from) - Math.min(...others.map(distance))
    return goal === 'targeted' ? -gap : gap
  })
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

describe('restarts', () => {
  for (const goal of GOALS) {
    it(`pgd, ${goal}: of 4 starts no image keeps a weaker one than the first, and some a stronger one`, async () => {
      const scores = (rows: readonly Float32Array[]): number[] =>
        rows.map((z, at) => (goal === 'targeted' ? agreement(book, targets[at], z) : -agreement(book, labels[at], z)))
      const first = scores(await attack(goal))
      const gains = scores(await attack(goal, { restarts: 4 })).map((score, at) => score - first[at])
      expect(Math.min(...gains)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...gains)).toBeGreaterThan(0)
    })

    it(`apgd, ${goal}: of 4 starts no image keeps a weaker one than the first, and some a stronger one`, async () => {
      const first = margins(goal, await attack(goal, { method: 'apgd' }))
      const best = margins(goal, await attack(goal, { method: 'apgd', restarts: 4 }))
      const gains = best.map((margin, at) => margin - first[at])
      expect(Math.min(...gains)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...gains)).toBeGreaterThan(0)
    })
  }
})

describe('APGD', () => {
  for (const { goal, steps, restarts } of [
    { goal: 'targeted', steps: 10, restarts: 1 },
    { goal: 'targeted', steps: 40, restarts: 1 },
    { goal: 'untargeted', steps: 10, restarts: 3 }, // PGD gets as many starts as there are other classes
    { goal: 'untargeted', steps: 40, restarts: 3 }
  ] as const) {
    it(`${goal}, ${steps} steps: no smaller a margin over all images than PGD with as many steps`, async () => {
      const pgd = margins(goal, await attack(goal, { steps, restarts, stepSize: 1 / 255 }))
      const apgd = margins(goal, await attack(goal, { steps, method: 'apgd' }))
      expect(total(apgd)).toBeGreaterThanOrEqual(total(pgd))
      const won = (all: readonly number[]): number => all.filter(margin => margin > 0).length
      expect(won(apgd)).toBeGreaterThanOrEqual(won(pgd))
    })
  }

  it('keeps the best point on the way: 20 steps begin as 1 step does, and leave no image weaker', async () => {
    for (const goal of GOALS) {
      const one = margins(goal, await attack(goal, { method: 'apgd', steps: 1 }))
      const twenty = margins(goal, await attack(goal, { method: 'apgd', steps: 20 }))
      expect(twenty.every((margin, at) => margin >= one[at])).toBe(true)
    }
  })

  it('its graph gives the mean of direction times tanh(alpha z), and rises along the input gradient by its norm', async () => {
    const count = 2
    const session = await openSession(trainingGraph(net, { kind: 'margin', images: count }))
    const shape = [1, count, net.side, net.side]
    const dx = new Float32Array(count * net.side ** 2)
    const loss = new Float32Array(1)
    const alpha = Float32Array.of(0.5, 2)
    const heads = (prefix: string) =>
      net.codeBits.map(bits => ({ name: `${prefix}${bits}`, bits, data: new Float32Array(bits * count) }))
    const [z, y] = [heads('z'), heads('y')]
    for (const { bits, data } of y) if (bits === BITS) for (let i = 0; i < data.length; i++) data[i] = (i % 3) - 1
    const ports = (of: typeof z) =>
      Object.fromEntries(of.map(({ name, bits, data }) => [name, { data, shape: [bits, count] }]))
    const run = async (x: Float32Array): Promise<number> => {
      const inputs = { x: { data: x, shape }, alpha: { data: alpha, shape: [1, count] }, ...weightPorts(net, weights) }
      await session.run(
        { ...inputs, ...ports(y) },
        { loss: { data: loss, shape: [] }, dx: { data: dx, shape }, ...ports(z) }
      )
      return loss[0]
    }
    const x = Float32Array.from({ length: dx.length }, (_, i) => views.pixels[i] / 255)
    const here = await run(x)
    const at = net.codeBits.indexOf(BITS)
    const terms = z[at].data.map((value, i) => y[at].data[i] * Math.tanh(alpha[i % count] * value))
    expect(here).toBeCloseTo(total([...terms]) / terms.length, 6)
    const gradient = dx.slice()
    const norm = Math.hypot(...gradient)
    const along = (length: number): Promise<number> => run(x.map((value, i) => value + (length * gradient[i]) / norm))
    expect(((await along(0.02)) - (await along(-0.02))) / 0.04 / norm).toBeCloseTo(1, 1)
    await session.close()
  })

  it('looks at its step after 22 of 100, then ever sooner', () => {
    expect([...checkpointsOf(100)]).toEqual([22, 41, 57, 70, 80, 87, 93, 99])
  })
})

describe('the Square attack', () => {
  it('raises the margins without a gradient, less than APGD does, and to no more than epsilon', async () => {
    const clean = total(margins('untargeted', await attack('untargeted', { epsilon: 0, steps: 1 })))
    const square = total(margins('untargeted', await attack('untargeted', { method: 'square', steps: 60 })))
    const apgd = total(margins('untargeted', await attack('untargeted', { method: 'apgd', steps: 60 })))
    expect(square).toBeGreaterThan(clean)
    expect(square).toBeLessThan(apgd)
  })

  it('lays squares of 0.8 of the view at first and 1/640 of it at last', () => {
    expect([0, 0.0011, 0.03, 0.99].map(shareAt)).toEqual([0.8, 0.4, 0.1, 0.8 / 512])
  })
})
