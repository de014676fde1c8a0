import { type Random, seededRandom } from '../../base/random.ts'
import { augment } from '../data/augment.ts'
import type { Codebook } from '../net/codebook.ts'
import type { Port } from '../graph/session.ts'
import type { NetConfig } from '../net/net-config.ts'
import { weightPorts } from '../net/parameters.ts'
import { Perturbation, raiseLoss } from '../attack/raise-loss.ts'
import { SessionCache } from '../net/session-cache.ts'
import type { Adversary, TradesMethod } from '../attack/adversary.ts'
import type { PrepareJob, StepJob, StepResult } from './worker-jobs.ts'

type Ports = Record<string, Port>

/** A step with what all ways to learn need of it. */
interface Lesson {
  readonly classes: readonly number[]
  readonly weights: Ports
  readonly gradients: Ports
  readonly random: Random
  readonly adversary: Adversary
}

/** Computes loss and gradients of one worker's share of a batch. */
export class StepRunner {
  readonly #net: NetConfig
  readonly #job: PrepareJob
  readonly #sessions: SessionCache
  readonly #plane: number
  readonly #x: Float32Array
  readonly #loss = new Float32Array(1)
  #carried: Perturbation | undefined

  constructor(net: NetConfig, job: PrepareJob) {
    this.#net = net
    this.#job = job
    this.#sessions = new SessionCache(net)
    this.#plane = net.side ** 2
    this.#x = new Float32Array(job.images * this.#plane)
  }

  /** One step: vary the images, attack them, learn. Random only by seed and step. */
  async run({ step, replay, batch, weights, gradient, adversary }: StepJob): Promise<StepResult> {
    const { labels, seed } = this.#job
    const random = seededRandom(`${seed}/step/${step}/${batch[0]}`)
    if (replay === 0) this.#vary(batch, random)
    const classes = Array.from(batch, image => labels[image])
    const ports = { weights: weightPorts(this.#net, weights), gradients: weightPorts(this.#net, gradient, 'd:') }
    if (adversary === undefined) await this.#learn(classes, ports)
    else await this.#learnAttacked({ classes, ...ports, random, adversary }, replay)
    return { loss: this.#loss[0] }
  }

  close(): Promise<void> {
    return this.#sessions.close()
  }

  #vary(batch: Int32Array, random: Random): void {
    const { pixels, augmentation } = this.#job
    const { side } = this.#net
    batch.forEach((image, at) => {
      const view = pixels.subarray(image * this.#plane, (image + 1) * this.#plane)
      augment(view, this.#x.subarray(at * this.#plane, (at + 1) * this.#plane), { side, by: augmentation, random })
    })
  }

  async #learnAttacked(lesson: Lesson, replay: number): Promise<void> {
    const { method, epsilon } = lesson.adversary
    if (method?.name === 'free') return this.#learnFree(lesson, replay)
    if (method?.name === 'trades' && epsilon > 0) return this.#learnTrades(lesson, method)
    if (method === undefined) await this.#attack(lesson)
    await this.#learn(lesson.classes, lesson)
  }

  async #learn(classes: readonly number[], { weights, gradients }: Pick<Lesson, 'weights' | 'gradients'>) {
    const session = await this.#sessions.get('train', this.#job.images)
    const inputs = { ...this.#images(this.#x), ...this.#centres(classes), ...weights }
    await session.run(inputs, { ...this.#lossPort(), ...gradients })
  }

  /** Overwrite the images after the clean share with ones that raise the training loss. */
  async #attack({ classes, weights, random, adversary }: Lesson): Promise<void> {
    const clean = Math.round(this.#job.images * adversary.cleanShare)
    const images = this.#job.images - clean
    if (images === 0 || adversary.epsilon === 0) return
    const x = this.#x.subarray(clean * this.#plane)
    const session = await this.#sessions.get('attack', images)
    const inputs = { ...this.#images(x), ...this.#centres(classes.slice(clean)), ...weights }
    await raiseLoss(x, { adversary, random, gradient: dx => session.run(inputs, this.#inputGradient(dx)) })
  }

  /** Learn from the attacked images, and take the attack's next step by the same pass, for the next replay. */
  async #learnFree({ classes, weights, gradients, random, adversary }: Lesson, replay: number): Promise<void> {
    if (replay === 0) this.#carried = new Perturbation(this.#x, adversary, random)
    if (this.#carried === undefined) throw new RangeError('a replay came before the first pass over its batch')
    this.#carried.show(this.#x)
    const dx = new Float32Array(this.#x.length)
    const session = await this.#sessions.get('train+attack', this.#job.images)
    const inputs = { ...this.#images(this.#x), ...this.#centres(classes), ...weights }
    await session.run(inputs, { ...this.#inputGradient(dx), ...gradients })
    this.#carried.stepUp(dx)
  }

  /** Move every image to where its code differs most from its own, then learn from the pairs. */
  async #learnTrades(lesson: Lesson, { beta }: TradesMethod): Promise<void> {
    const { classes, weights, gradients, random, adversary } = lesson
    const { images } = this.#job
    const pairs = new Float32Array(2 * this.#x.length)
    pairs.set(this.#x)
    pairs.set(this.#x, this.#x.length)
    const attacked = pairs.subarray(this.#x.length)
    const seen = await this.#outputs(weights)
    const climber = await this.#sessions.get('trades-attack', images)
    const inputs = { ...this.#images(attacked), ...seen, ...weights }
    await raiseLoss(attacked, { adversary, random, gradient: dx => climber.run(inputs, this.#inputGradient(dx)) })
    const weight = { beta: { data: Float32Array.of(beta), shape: [] } }
    const session = await this.#sessions.get('trades', images)
    const taught = { ...this.#images(pairs), ...this.#centres(classes), ...weight, ...weights }
    await session.run(taught, { ...this.#lossPort(), ...gradients })
  }

  /** What the heads give for the clean images, as `y8`, `y16`, … */
  async #outputs(weights: Ports): Promise<Ports> {
    const { images } = this.#job
    const heads = this.#net.codeBits.map(bits => ({
      bits,
      port: { data: new Float32Array(bits * images), shape: [bits, images] }
    }))
    const session = await this.#sessions.get('infer', images)
    const outputs = Object.fromEntries(heads.map(({ bits, port }) => [`z${bits}`, port]))
    await session.run({ ...this.#images(this.#x), ...weights }, outputs)
    return Object.fromEntries(heads.map(({ bits, port }) => [`y${bits}`, port]))
  }

  #images(x: Float32Array): Ports {
    const { side } = this.#net
    return { x: { data: x, shape: [1, x.length / this.#plane, side, side] } }
  }

  #inputGradient(dx: Float32Array): Ports {
    return { ...this.#lossPort(), dx: this.#images(dx).x }
  }

  #lossPort(): Ports {
    return { loss: { data: this.#loss, shape: [] } }
  }

  #centres(classes: readonly number[]): Ports {
    return Object.fromEntries(
      this.#job.books.map(book => [
        `y${book.bits}`,
        { data: centresOf(book, classes), shape: [book.bits, classes.length] }
      ])
    )
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
