import { seededRandom } from '../../base/random.ts'
import { evenDraws } from '../data/augment.ts'
import type { Port } from '../graph/session.ts'
import { copyColumns } from '../net/infer-views.ts'
import type { NetConfig } from '../net/net-config.ts'
import { weightPorts } from '../net/parameters.ts'
import type { AttackJob } from './attack-job.ts'

/** Images that are attacked at once. */
export const ATTACK_BATCH = 32

/** Up to 32 images under attack: where they are now, what a graph says of them, and the strongest so far of each. */
export class AttackBatch {
  readonly count: number
  /** Index of the first of them in the job. */
  readonly first: number
  readonly original: Float32Array
  /** The images now. */
  readonly x: Float32Array
  /** What `mainstay` and `margin` graphs write. */
  readonly outputs: Record<string, Port>
  /** Of them what an `infer` graph writes, and what it reads. */
  readonly codes: Record<string, Port>
  readonly plainInputs: Record<string, Port>
  /** The strongest image so far of each, and its outputs z, row by row. */
  readonly best: Float32Array
  readonly bestOutputs: Float32Array
  readonly #job: AttackJob
  readonly #z: Float32Array
  readonly #scores: Float64Array
  readonly #aims: Float32Array
  readonly #fixed: Record<string, Port>

  constructor(net: NetConfig, job: AttackJob, first: number) {
    const plane = net.side ** 2
    const { bits } = job.book
    const shape = [1, ATTACK_BATCH, net.side, net.side]
    this.#job = job
    this.first = first
    this.count = Math.min(ATTACK_BATCH, job.images.length - first)
    this.original = new Float32Array(ATTACK_BATCH * plane)
    for (let at = 0; at < this.count; at++) {
      const from = job.images[first + at] * plane
      for (let i = 0; i < plane; i++) this.original[at * plane + i] = job.pixels[from + i] / 255
    }
    this.x = this.original.slice()
    this.best = this.original.slice(0, this.count * plane)
    this.bestOutputs = new Float32Array(this.count * bits)
    this.#z = new Float32Array(this.count * bits)
    this.#scores = new Float64Array(this.count).fill(Number.NEGATIVE_INFINITY)
    this.#aims = new Float32Array(ATTACK_BATCH * bits)
    const loss = { data: new Float32Array(1), shape: [] }
    this.codes = headPorts(net, 'z')
    this.outputs = { loss, dx: { data: new Float32Array(ATTACK_BATCH * plane), shape }, ...this.codes }
    const aims = { [`y${bits}`]: { data: this.#aims, shape: [bits, ATTACK_BATCH] } }
    this.plainInputs = { x: { data: this.x, shape }, ...weightPorts(net, job.weights) }
    this.#fixed = { ...this.plainInputs, ...headPorts(net, 'y'), ...aims }
  }

  /** Inputs of a graph: the images, the weights, the aims (0 for other heads and for the filling), and these. */
  inputs(more: Record<string, Port>): Record<string, Port> {
    return { ...this.#fixed, ...more }
  }

  /** What the loss sees as the code of image `at`: one number a bit. */
  aim(at: number, row: ArrayLike<number>): void {
    for (let k = 0; k < row.length; k++) this.#aims[k * ATTACK_BATCH + at] = row[k]
  }

  /** Begin from a random point of the epsilon ball (or a corner of it), cut to the pixel range. */
  start(name: string): void {
    const { epsilon, corners, seed } = this.#job.settings
    const draws = evenDraws(seededRandom(`${seed}/attack/${this.#job.images[this.first]}/${name}`), this.x.length)
    for (let i = 0; i < this.x.length; i++) {
      this.x[i] = unit(this.original[i] + (corners === true ? Math.sign(draws[i]) : draws[i]) * epsilon)
    }
  }

  /** `value` of pixel `i`, cut to epsilon and to the pixel range. */
  within(i: number, value: number): number {
    const { epsilon } = this.#job.settings
    return unit(Math.min(this.original[i] + epsilon, Math.max(this.original[i] - epsilon, value)))
  }

  /** The outputs of the last run, one row an image. */
  readOutputs(): readonly Float32Array[] {
    const { bits } = this.#job.book
    copyColumns(this.outputs[`z${bits}`].data, this.#z, { bits, count: this.count })
    return Array.from({ length: this.count }, (_, at) => this.#z.subarray(at * bits, (at + 1) * bits))
  }

  /** Keep image `at` as it is if `score` is above all of it before; outputs as {@link readOutputs} gave them last. */
  keep(at: number, score: number): void {
    if (score <= this.#scores[at]) return
    const { bits } = this.#job.book
    const plane = this.x.length / ATTACK_BATCH
    this.#scores[at] = score
    this.best.set(this.x.subarray(at * plane, (at + 1) * plane), at * plane)
    this.bestOutputs.set(this.#z.subarray(at * bits, (at + 1) * bits), at * bits)
  }
}

/** Copy image `at` from one batch of images to another. */
export function copyPart(from: Float32Array, to: Float32Array, at: number): void {
  const plane = from.length / ATTACK_BATCH
  to.set(from.subarray(at * plane, (at + 1) * plane), at * plane)
}

function headPorts(net: NetConfig, prefix: string): Record<string, Port> {
  return Object.fromEntries(
    net.codeBits.map(bits => [
      `${prefix}${bits}`,
      { data: new Float32Array(bits * ATTACK_BATCH), shape: [bits, ATTACK_BATCH] }
    ])
  )
}

function unit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
