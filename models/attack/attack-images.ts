import { seededRandom } from '../../base/random.ts'
import { evenDraws } from '../data/augment.ts'
import type { Port } from '../graph/session.ts'
import { copyColumns } from '../net/infer-views.ts'
import type { NetConfig } from '../net/net-config.ts'
import { weightPorts } from '../net/parameters.ts'
import { SessionCache } from '../net/session-cache.ts'
import type { AttackJob, AttackResult } from './attack-job.ts'

const BATCH = 32
/** SAAT's sharpness of tanh by tenths of the run: soft at first, so that saturated codes still give a gradient. */
const ALPHA_BY_TENTH = [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.5, 0.7, 1]

/** Attacks views by PGD through the given weights, with SAAT's loss and schedule. */
export class AttackRunner {
  readonly #net: NetConfig
  readonly #sessions: SessionCache

  constructor(net: NetConfig) {
    this.#net = net
    this.#sessions = new SessionCache(net)
  }

  async run(job: AttackJob): Promise<AttackResult> {
    const plane = this.#net.side ** 2
    const images = new Float32Array(job.images.length * plane)
    const outputs = new Float32Array(job.images.length * job.bits)
    for (let first = 0; first < job.images.length; first += BATCH) {
      const batch = new AttackBatch(this.#net, job, first)
      const session = await this.#sessions.get('mainstay', BATCH)
      for (let restart = 0; restart < job.settings.restarts; restart++) {
        batch.start(restart)
        for (let step = 0; step < job.settings.steps; step++) {
          const alpha = ALPHA_BY_TENTH[Math.floor((10 * step) / job.settings.steps)]
          await session.run(batch.inputs(alpha), batch.outputs)
          batch.step()
        }
        await session.run(batch.inputs(1), batch.outputs)
        batch.keepBest()
      }
      images.set(batch.best, first * plane)
      outputs.set(batch.bestOutputs, first * job.bits)
    }
    return { images, outputs, ...changesOf(job, images, plane) }
  }
}

/** Up to 32 images under attack. */
class AttackBatch {
  readonly outputs: Record<string, Port>
  readonly count: number
  best: Float32Array
  bestOutputs: Float32Array
  readonly #net: NetConfig
  readonly #job: AttackJob
  readonly #first: number
  readonly #original: Float32Array
  readonly #x: Float32Array
  readonly #scores: number[]
  readonly #fixed: Record<string, Port>

  constructor(net: NetConfig, job: AttackJob, first: number) {
    const plane = net.side ** 2
    const shape = [1, BATCH, net.side, net.side]
    this.#net = net
    this.#job = job
    this.#first = first
    this.count = Math.min(BATCH, job.images.length - first)
    this.#original = new Float32Array(BATCH * plane)
    for (let at = 0; at < this.count; at++) {
      const from = job.images[first + at] * plane
      for (let i = 0; i < plane; i++) this.#original[at * plane + i] = job.pixels[from + i] / 255
    }
    this.#x = this.#original.slice()
    this.best = this.#original.slice(0, this.count * plane)
    this.bestOutputs = new Float32Array(this.count * job.bits)
    this.#scores = new Array(this.count).fill(Number.NEGATIVE_INFINITY)
    this.outputs = {
      loss: { data: new Float32Array(1), shape: [] },
      dx: { data: new Float32Array(BATCH * plane), shape }
    }
    for (const bits of net.codeBits)
      this.outputs[`z${bits}`] = { data: new Float32Array(bits * BATCH), shape: [bits, BATCH] }
    const sign = { data: Float32Array.of(job.settings.goal === 'untargeted' ? 1 : -1), shape: [1, 1] }
    this.#fixed = { x: { data: this.#x, shape }, sign, ...weightPorts(net, job.weights), ...this.#codes() }
  }

  inputs(alpha: number): Record<string, Port> {
    return { ...this.#fixed, alpha: { data: Float32Array.of(alpha), shape: [1, 1] } }
  }

  /** Begin from a random point of the epsilon ball, cut to the pixel range. */
  start(restart: number): void {
    const { epsilon, corners, seed } = this.#job.settings
    const draws = evenDraws(seededRandom(`${seed}/attack/${this.#job.images[this.#first]}/${restart}`), this.#x.length)
    for (let i = 0; i < this.#x.length; i++) {
      this.#x[i] = unit(this.#original[i] + (corners === true ? Math.sign(draws[i]) : draws[i]) * epsilon)
    }
  }

  step(): void {
    const { epsilon, stepSize } = this.#job.settings
    const dx = this.outputs.dx.data
    for (let i = 0; i < this.#x.length; i++) {
      const moved = this.#x[i] - (dx[i] > 0 ? stepSize : dx[i] < 0 ? -stepSize : 0)
      this.#x[i] = unit(Math.min(this.#original[i] + epsilon, Math.max(this.#original[i] - epsilon, moved)))
    }
  }

  /** Keep of every image the restart whose code ends farthest from its own centre, or nearest to its target. */
  keepBest(): void {
    const { bits, codes, settings } = this.#job
    const plane = this.#net.side ** 2
    const z = new Float32Array(this.count * bits)
    copyColumns(this.outputs[`z${bits}`].data, z, { bits, count: this.count })
    for (let at = 0; at < this.count; at++) {
      let agreement = 0
      for (let k = 0; k < bits; k++) {
        agreement +=
          codes[(this.#first + at) * bits + k] * ((z[at * bits + k] >= 0 ? 1 : -1) + 1e-3 * Math.tanh(z[at * bits + k]))
      }
      const score = settings.goal === 'targeted' ? agreement : -agreement
      if (score <= this.#scores[at]) continue
      this.#scores[at] = score
      this.best.set(this.#x.subarray(at * plane, (at + 1) * plane), at * plane)
      this.bestOutputs.set(z.subarray(at * bits, (at + 1) * bits), at * bits)
    }
  }

  /** Mainstay codes as [bits, batch]; zeros leave the other heads, and the filling of the last batch, alone. */
  #codes(): Record<string, Port> {
    const { bits, codes } = this.#job
    return Object.fromEntries(
      this.#net.codeBits.map(length => {
        const data = new Float32Array(length * BATCH)
        for (let at = 0; length === bits && at < this.count; at++) {
          for (let k = 0; k < bits; k++) data[k * BATCH + at] = codes[(this.#first + at) * bits + k]
        }
        return [`y${length}`, { data, shape: [length, BATCH] }]
      })
    )
  }
}

function changesOf(job: AttackJob, attacked: Float32Array, plane: number) {
  let largest = 0
  let squares = 0
  job.images.forEach((image, at) => {
    let most = 0
    for (let i = 0; i < plane; i++) {
      const change = attacked[at * plane + i] - Math.fround(job.pixels[image * plane + i] / 255)
      most = Math.max(most, Math.abs(change))
      squares += change * change
    }
    largest += most
  })
  return {
    meanLargestChange: largest / job.images.length,
    meanSquaredChange: squares / (job.images.length * plane)
  }
}

function unit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
