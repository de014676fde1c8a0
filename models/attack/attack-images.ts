import { SessionCache } from '../net/session-cache.ts'
import type { NetConfig } from '../net/net-config.ts'
import { climbMargins } from './apgd.ts'
import { ATTACK_BATCH, AttackBatch } from './attack-batch.ts'
import type { AttackJob, AttackResult } from './attack-job.ts'
import { descend } from './pgd.ts'
import { searchSquares } from './square.ts'

const WAYS = Object.freeze({ pgd: descend, apgd: climbMargins, square: searchSquares })

/** Attacks views through the given weights. */
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
    const outputs = new Float32Array(job.images.length * job.book.bits)
    for (let first = 0; first < job.images.length; first += ATTACK_BATCH) {
      const batch = new AttackBatch(this.#net, job, first)
      await WAYS[job.settings.method ?? 'pgd'](batch, job, this.#sessions)
      images.set(batch.best, first * plane)
      outputs.set(batch.bestOutputs, first * job.book.bits)
    }
    return { images, outputs, ...changesOf(job, images, plane) }
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
