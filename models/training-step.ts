import { type Random, seededRandom } from '../base/random.ts'
import { augment, evenDraws } from './augment.ts'
import type { Codebook } from './codebook.ts'
import type { Port } from './graph/session.ts'
import type { NetConfig } from './net-config.ts'
import { weightPorts } from './parameters.ts'
import { SessionCache } from './session-cache.ts'
import type { Adversary, PrepareJob, StepJob, StepResult } from './worker-jobs.ts'

/** Computes loss and gradients of one worker's share of a batch. */
export class StepRunner {
  readonly #net: NetConfig
  readonly #job: PrepareJob
  readonly #sessions: SessionCache
  readonly #x: Float32Array
  readonly #loss = new Float32Array(1)

  constructor(net: NetConfig, job: PrepareJob) {
    this.#net = net
    this.#job = job
    this.#sessions = new SessionCache(net)
    this.#x = new Float32Array(job.images * net.side ** 2)
  }

  /** One step: vary the images, attack all but the clean share, learn from the mix. Random only by seed and step. */
  async run({ step, batch, weights, gradient, adversary }: StepJob): Promise<StepResult> {
    const { images, pixels, labels, augmentation } = this.#job
    const { side } = this.#net
    const plane = side ** 2
    const random = seededRandom(`${this.#job.seed}/step/${step}/${batch[0]}`)
    batch.forEach((image, at) => {
      const view = pixels.subarray(image * plane, (image + 1) * plane)
      augment(view, this.#x.subarray(at * plane, (at + 1) * plane), { side, by: augmentation, random })
    })
    const classes = Array.from(batch, image => labels[image])
    if (adversary !== undefined) await this.#attack({ weights, classes, adversary, random })
    const session = await this.#sessions.get('train', images)
    const inputs = { ...this.#ports(this.#x, classes), ...weightPorts(this.#net, weights) }
    await session.run(inputs, { loss: { data: this.#loss, shape: [] }, ...weightPorts(this.#net, gradient, 'd:') })
    return { loss: this.#loss[0] }
  }

  close(): Promise<void> {
    return this.#sessions.close()
  }

  /** Overwrite the images after the clean share with ones that raise the training loss. */
  async #attack(of: { weights: Float32Array; classes: number[]; adversary: Adversary; random: Random }): Promise<void> {
    const { adversary, random } = of
    const plane = this.#net.side ** 2
    const clean = Math.round(this.#job.images * adversary.cleanShare)
    const images = this.#job.images - clean
    if (images === 0 || adversary.epsilon === 0) return
    const original = this.#x.slice(clean * plane)
    const x = this.#x.subarray(clean * plane)
    const delta = evenDraws(random, x.length)
    for (let i = 0; i < x.length; i++) delta[i] *= adversary.noise * adversary.epsilon
    const dx = new Float32Array(x.length)
    const session = await this.#sessions.get('attack', images)
    const inputs = { ...this.#ports(x, of.classes.slice(clean)), ...weightPorts(this.#net, of.weights) }
    const shape = [1, images, this.#net.side, this.#net.side]
    addClipped(x, original, delta)
    for (let step = 0; step < adversary.steps; step++) {
      await session.run(inputs, { loss: { data: this.#loss, shape: [] }, dx: { data: dx, shape } })
      stepUp(delta, dx, adversary)
      addClipped(x, original, delta)
    }
  }

  #ports(x: Float32Array, classes: readonly number[]): Record<string, Port> {
    const ports: Record<string, Port> = {
      x: { data: x, shape: [1, classes.length, this.#net.side, this.#net.side] }
    }
    for (const book of this.#job.books) {
      ports[`y${book.bits}`] = { data: centresOf(book, classes), shape: [book.bits, classes.length] }
    }
    return ports
  }
}

/** The centres of these classes as columns of [bits, images]. */
function centresOf({ bits, signs }: Codebook, classes: readonly number[]): Float32Array {
  const columns = new Float32Array(bits * classes.length)
  classes.forEach((label, at) => {
    for (let k = 0; k < bits; k++) columns[k * classes.length + at] = signs[label * bits + k]
  })
  return columns
}

function stepUp(delta: Float32Array, dx: Float32Array, { epsilon, stepSize, cut }: Adversary): void {
  const length = stepSize * epsilon
  for (let i = 0; i < delta.length; i++) {
    const moved = delta[i] + (dx[i] > 0 ? length : dx[i] < 0 ? -length : 0)
    delta[i] = cut ? Math.min(epsilon, Math.max(-epsilon, moved)) : moved
  }
}

function addClipped(to: Float32Array, original: Float32Array, delta: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] = Math.min(1, Math.max(0, original[i] + delta[i]))
}
