import type { NetConfig } from './net-config.ts'
import type { Port } from '../graph/session.ts'
import { runOnViews, VIEW_BATCH, type ViewJob } from './run-on-views.ts'
import { SessionCache } from './session-cache.ts'

/** Head outputs of a run of views. */
export interface InferJob extends ViewJob {
  readonly kind: 'infer'
}

/** Result of an {@link InferJob}: for each code length the outputs z, image by image. */
export type InferResult = ReadonlyMap<number, Float32Array>

/** Computes the head outputs of views. */
export class InferRunner {
  readonly #net: NetConfig
  readonly #sessions: SessionCache

  constructor(net: NetConfig) {
    this.#net = net
    this.#sessions = new SessionCache(net)
  }

  async run(job: InferJob): Promise<InferResult> {
    const { codeBits } = this.#net
    const session = await this.#sessions.get('infer', VIEW_BATCH)
    const results = new Map(codeBits.map(bits => [bits, new Float32Array(job.images.length * bits)]))
    const outputs: Record<string, Port> = Object.fromEntries(
      codeBits.map(bits => [`z${bits}`, { data: new Float32Array(bits * VIEW_BATCH), shape: [bits, VIEW_BATCH] }])
    )
    await runOnViews({ session, net: this.#net, outputs }, job, (first, count) => {
      for (const [bits, z] of results) copyColumns(outputs[`z${bits}`].data, z.subarray(first * bits), { bits, count })
    })
    return results
  }
}

/** From columns of [bits, batch] to rows, image by image. */
export function copyColumns(
  from: Float32Array,
  to: Float32Array,
  { bits, count }: { bits: number; count: number }
): void {
  const batch = from.length / bits
  for (let at = 0; at < count; at++) for (let k = 0; k < bits; k++) to[at * bits + k] = from[k * batch + at]
}
