import type { Port } from '../graph/session.ts'
import { copyColumns } from './infer-views.ts'
import type { NetConfig } from './net-config.ts'
import { runOnViews, VIEW_BATCH, type ViewJob } from './run-on-views.ts'
import { SessionCache } from './session-cache.ts'

/** Descriptors of a run of views. */
export interface DescribeJob extends ViewJob {
  readonly kind: 'describe'
}

const TOP = 127

/** Computes the descriptors of views: one row of whole numbers from -127 to 127 an image. */
export class DescribeRunner {
  readonly #net: NetConfig
  readonly #sessions: SessionCache

  constructor(net: NetConfig) {
    this.#net = net
    this.#sessions = new SessionCache(net)
  }

  async run(job: DescribeJob): Promise<Int8Array> {
    const { descriptor: values = 0 } = this.#net
    const session = await this.#sessions.get('describe', VIEW_BATCH)
    const d: Port = { data: new Float32Array(values * VIEW_BATCH), shape: [values, VIEW_BATCH] }
    const rows = new Float32Array(job.images.length * values)
    await runOnViews({ session, net: this.#net, outputs: { d } }, job, (first, count) =>
      copyColumns(d.data, rows.subarray(first * values), { bits: values, count })
    )
    return Int8Array.from(rows, value => Math.max(-TOP, Math.min(TOP, Math.round(value))))
  }
}
