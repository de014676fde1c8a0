import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { evenDraws } from '../../../models/data/augment.ts'
import { seededRandom } from '../../../base/random.ts'
import { openSession, type Port } from '../../../models/graph/session.ts'
import { netNamed, parametersOf } from '../../../models/net/net-config.ts'
import { initialWeights, weightPorts } from '../../../models/net/parameters.ts'
import { Perturbation } from '../../../models/attack/raise-loss.ts'
import {
  ADVERSARIAL_DEFAULTS,
  adversaryAt,
  adversarialPlan,
  checkTrainSettings,
  TRAIN_DEFAULTS,
  type TrainSettings
} from '../../../models/train/train-settings.ts'
import { type TrainOutcome, train } from '../../../models/train/train.ts'
import { type GraphKind, trainingGraph } from '../../../models/net/training-graph.ts'
import { TrainingRun } from '../../../models/train/training-run.ts'
import { stripes } from './synthetic-views.ts'

describe('the settings of a method', () => {
  it('those that checkpoints of earlier runs are identified by have not changed', () => {
    const rest = { warmupEpochs: 0, rampEpochs: 3 }
    const fgsm = { epsilon: 8 / 255, steps: 1, stepSize: 1, noise: 2, cut: false, cleanShare: 0.375, ...rest }
    expect(JSON.stringify(adversarialPlan('fgsm'))).toBe(JSON.stringify(fgsm))
    const pgd = { epsilon: 4 / 255, steps: 5, stepSize: 0.5, noise: 1, cut: true, cleanShare: 0.5, ...rest }
    const init = { epsilon: 4 / 255, steps: 5, cleanShare: 0.5 }
    expect(JSON.stringify(adversarialPlan('pgd', init))).toBe(JSON.stringify(pgd))
    expect(adversarialPlan('pgd')).toEqual(ADVERSARIAL_DEFAULTS)
    const free = { ...fgsm, noise: 1, cut: true, cleanShare: 0, method: { name: 'free', replays: 4 } }
    expect(JSON.stringify(adversarialPlan('free'))).toBe(JSON.stringify(free))
    const trades = { ...pgd, epsilon: 8 / 255, cleanShare: 0, method: { name: 'trades', beta: 6 } }
    expect(JSON.stringify(adversarialPlan('trades', { steps: 5 }))).toBe(JSON.stringify(trades))
  })

  it('the attack begins after the clean warm-up and grows over the ramp', () => {
    const plan = adversarialPlan('pgd', { epsilon: 0.04, warmupEpochs: 2, rampEpochs: 4 })
    const sizes = [0, 1.9, 2, 4, 6, 9].map(epoch => adversaryAt(plan, epoch)?.epsilon)
    expect(sizes).toEqual([undefined, undefined, 0, 0.02, 0.04, 0.04])
    expect(adversaryAt(adversarialPlan('pgd', { epsilon: 0.04, rampEpochs: 0 }), 0)?.epsilon).toBe(0.04)
  })

  it('a beta of 0, or more than 50 replays, is CONFIG_INVALID', () => {
    for (const adversarial of [adversarialPlan('trades', { beta: 0 }), adversarialPlan('free', { replays: 51 })]) {
      expect(() => checkTrainSettings({ ...TRAIN_DEFAULTS, adversarial })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' })
      )
    }
    expect(checkTrainSettings({ ...TRAIN_DEFAULTS, adversarial: adversarialPlan('free') })).toBeUndefined()
  })
})

describe('TRADES', () => {
  const images = 3
  const net = { ...netNamed('micro'), codeBits: [8, 16] }
  const plane = net.side ** 2
  const weights = initialWeights(net, seededRandom('trades/weights'))
  for (let i = 0; i < weights.length; i++) weights[i] += 0.02 * Math.sin(i) // biases and offsets that are not all 0
  const pairs = evenDraws(seededRandom('trades/images'), 2 * images * plane).map(draw => 0.5 + 0.4 * draw)
  const beta = 6
  const shapeOf = (of: Float32Array): number[] => [1, of.length / plane, net.side, net.side]

  async function open(kind: GraphKind, count: number) {
    const session = await openSession(trainingGraph(net, { kind, images: count }))
    return async (inputs: Record<string, Port>, outputs: Record<string, Port>): Promise<void> => {
      await session.run(inputs, outputs)
    }
  }

  async function heads(x: Float32Array): Promise<Map<number, Float32Array>> {
    const run = await open('infer', images)
    const z = new Map(net.codeBits.map(bits => [bits, new Float32Array(bits * images)]))
    const outputs = Object.fromEntries([...z].map(([bits, data]) => [`z${bits}`, { data, shape: [bits, images] }]))
    await run({ x: { data: x, shape: shapeOf(x) }, ...weightPorts(net, weights) }, outputs)
    return z
  }

  const centres = new Map(
    net.codeBits.map(bits => [bits, Float32Array.from({ length: bits * images }, (_, i) => (i % 3 === 0 ? 1 : -1))])
  )
  const centrePorts = Object.fromEntries(
    [...centres].map(([bits, data]) => [`y${bits}`, { data, shape: [bits, images] }])
  )

  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value))
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  /** KL between the bits that the outputs are the chances of, in float64 and by its definition. */
  function divergence(clean: Map<number, Float32Array>, attacked: Map<number, Float32Array>): number {
    const byHead = [...clean].map(([bits, z]) =>
      mean(
        [...z].map((value, at) => {
          const [p, q] = [sigmoid(2 * value), sigmoid(2 * (attacked.get(bits)?.[at] ?? Number.NaN))]
          return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))
        })
      )
    )
    return mean(byHead)
  }
  function similarity(clean: Map<number, Float32Array>): number {
    const byHead = [...clean].map(([bits, z]) => {
      const entropy = [...z].map((value, at) => -Math.log(sigmoid(2 * value * (centres.get(bits)?.[at] ?? Number.NaN))))
      return mean(entropy) + 0.1 * mean([...z].map(value => (Math.abs(Math.tanh(value)) - 1) ** 2))
    })
    return mean(byHead)
  }

  const loss = new Float32Array(1)
  const lossPort = { loss: { data: loss, shape: [] } }

  it('the loss is CSQ of the clean images plus beta times the divergence of their bits', async () => {
    const [clean, attacked] = [await heads(pairs.slice(0, images * plane)), await heads(pairs.slice(images * plane))]
    const run = await open('trades', images)
    const inputs = { x: { data: pairs, shape: shapeOf(pairs) }, ...weightPorts(net, weights), ...centrePorts }
    const gradients = weightPorts(net, new Float32Array(weights.length), 'd:')
    const away = divergence(clean, attacked)
    expect(away).toBeGreaterThan(1e-3)
    for (const weight of [0.5, beta]) {
      await run({ ...inputs, beta: { data: Float32Array.of(weight), shape: [] } }, { ...lossPort, ...gradients })
      expect(Math.abs(loss[0] - similarity(clean) - weight * away)).toBeLessThan(1e-5)
    }
  })

  it('along the gradient of every weight tensor the loss rises by its norm, within 2 % by finite differences', async () => {
    const run = await open('trades', images)
    const gradient = new Float32Array(weights.length)
    const lossAt = async (at: Float32Array): Promise<number> => {
      const x = { data: pairs, shape: shapeOf(pairs) }
      const inputs = { x, beta: { data: Float32Array.of(beta), shape: [] }, ...weightPorts(net, at), ...centrePorts }
      await run(inputs, { ...lossPort, ...weightPorts(net, gradient, 'd:') })
      return loss[0]
    }
    await lossAt(weights)
    const analytic = gradient.slice()
    for (const { name, offset, size } of parametersOf(net)) {
      const part = analytic.subarray(offset, offset + size)
      const norm = Math.hypot(...part)
      const along = async (length: number): Promise<number> => {
        const moved = weights.slice()
        for (let i = 0; i < size; i++) moved[offset + i] += (length * part[i]) / norm
        return lossAt(moved)
      }
      const h = Math.min(1e-2, 1e-2 / norm)
      const slope = ((await along(h)) - (await along(-h))) / (2 * h)
      expect(Math.abs(slope - norm), `${name}: ${slope} for ${norm}`).toBeLessThan(0.02 * norm + 2e-5)
    }
  }, 60_000)

  it('the loss of its attack is that divergence, and rises along the input gradient by its norm, within 2 %', async () => {
    const [clean, x] = [await heads(pairs.slice(0, images * plane)), pairs.slice(images * plane)]
    const run = await open('trades-attack', images)
    const dx = new Float32Array(x.length)
    const reference = Object.fromEntries(
      [...clean].map(([bits, data]) => [`y${bits}`, { data, shape: [bits, images] }])
    )
    const lossAt = async (at: Float32Array): Promise<number> => {
      const inputs = { x: { data: at, shape: shapeOf(at) }, ...reference, ...weightPorts(net, weights) }
      await run(inputs, { ...lossPort, dx: { data: dx, shape: shapeOf(dx) } })
      return loss[0]
    }
    expect(Math.abs((await lossAt(x)) - divergence(clean, await heads(x)))).toBeLessThan(1e-5)
    const analytic = dx.slice()
    const norm = Math.hypot(...analytic)
    const along = (length: number): Promise<number> =>
      lossAt(x.map((value, i) => value + (length * analytic[i]) / norm))
    const h = 0.05
    const slope = ((await along(h)) - (await along(-h))) / (2 * h)
    expect(Math.abs(slope - norm)).toBeLessThan(0.02 * norm)
  })
})

describe('a perturbation', () => {
  it('is carried on from step to step, cut to epsilon and to 0..1', () => {
    const plan = { ...adversarialPlan('free', { epsilon: 0.1 }), noise: 0 }
    const of = new Perturbation(Float32Array.of(0.5, 0.5, 0.95, 0.5), plan, seededRandom('cut'))
    const shown = new Float32Array(4)
    const seen: number[][] = []
    for (const dx of [
      [1, -1, 1, 0],
      [1, 1, 1, 0]
    ]) {
      of.stepUp(Float32Array.from(dx))
      of.show(shown)
      seen.push([...shown].map(value => Math.round(value * 100) / 100))
    }
    expect(seen).toEqual([
      [0.6, 0.4, 1, 0.5],
      [0.6, 0.5, 1, 0.5]
    ])
  })
})

describe('runs', () => {
  const views = stripes({ images: 320, seed: 'training stripes' })
  const settings: Partial<TrainSettings> = {
    net: 'micro',
    side: 32,
    batch: 16,
    learningRate: 4e-3,
    average: 0.9,
    validationShare: 0.1,
    augmentation: { degrees: 2, zoom: 0.02, shift: 0.05, gain: 0.1, mirror: false }
  }
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'sfmedir-methods-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const runTo = (name: string, more: Partial<TrainSettings>, extra = {}): Promise<TrainOutcome> =>
    train(views, { settings: { ...settings, ...more }, runDir: join(dir, name), ...extra })

  it('free training with 4 replays takes a quarter of the steps, and changes the weights at every replay', async () => {
    const free = { ...TRAIN_DEFAULTS, ...settings, epochs: 4, adversarial: adversarialPlan('free', { replays: 4 }) }
    const runs = [free, { ...free, adversarial: undefined }].map(of => new TrainingRun(views, of))
    expect(runs[0].steps).toBe(runs[1].steps / 4)
    await runs[0].prepare()
    const jobs: { replay: number; batch: string; weight: number }[] = []
    const { pool, state } = runs[0]
    const run = pool.run.bind(pool)
    vi.spyOn(pool, 'run').mockImplementation((at, job) => {
      if (job.kind === 'step') jobs.push({ replay: job.replay, batch: job.batch.join(), weight: job.weights[0] })
      return run(at, job)
    })
    expect(await runs[0].step()).toBe(state.lossSum)
    expect(state.step).toBe(1)
    expect(jobs.map(({ replay }) => replay)).toEqual([0, 1, 2, 3])
    expect(new Set(jobs.map(({ batch }) => batch)).size).toBe(1)
    expect(new Set(jobs.map(({ weight }) => weight)).size).toBe(4)
    await Promise.all(runs.map(run => run.close()))
  })

  for (const { method, epochs, more } of [
    { method: 'free', epochs: 8, more: { replays: 2 } },
    { method: 'trades', epochs: 4, more: { steps: 2 } }
  ] as const) {
    it(`${method}: learns, and a run stopped in between ends at the same bits as a straight one`, async () => {
      const adversarial = { ...adversarialPlan(method, { epsilon: 4 / 255, ...more }), rampEpochs: 1 }
      const straight = await runTo(`${method}-straight`, { epochs, adversarial }, { validateEvery: 4 })
      const controller = new AbortController()
      const stop = ({ step }: { step: number }): void => {
        if (step >= 30) controller.abort()
      }
      const stopped = { validateEvery: 4, signal: controller.signal, onProgress: stop }
      await expect(runTo(`${method}-stopped`, { epochs, adversarial }, stopped)).rejects.toMatchObject({
        code: 'REQUEST_ABORTED'
      })
      const steps: number[] = []
      const onProgress = ({ step }: { step: number }): void => void steps.push(step)
      const resumed = await runTo(`${method}-stopped`, { epochs, adversarial }, { validateEvery: 4, onProgress })
      expect(Math.min(...steps)).toBeGreaterThan(30) // and did not begin anew
      expect(Buffer.from(resumed.weights.buffer).equals(Buffer.from(straight.weights.buffer))).toBe(true)
      expect(resumed.history).toEqual(straight.history)
      expect(straight.history.at(-1)?.clean).toBeGreaterThan(0.9)
    }, 120_000)
  }
})
