import type { Port } from '../graph/session.ts'
import { DESCRIPTOR_SCALE } from './describe.ts'
import { copyColumns } from './infer-views.ts'
import type { NetConfig } from './net-config.ts'
import { weightPorts } from './parameters.ts'
import { SessionCache } from './session-cache.ts'

/** Descriptors of a run of views. */
export interface DescribeJob {
  readonly kind: 'describe'
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** Which images of `pixels`, in order. */
  readonly images: Int32Array
}

const BATCH = 32
const TOP = 127

/** Computes the descriptors of views: one row of whole numbers from -127 to 127 an image. */
export class DescribeRunner {
  readonly #net: NetConfig
  readonly #sessions: SessionCache

  constructor(net: NetConfig) {
    this.#net = net
    this.#sessions = new SessionCache(net)
  }

  async run({ weights, pixels, images }: DescribeJob): Promise<Int8Array> {
    const { side, descriptor: values = 0 } = this.#net
    const plane = side ** 2
    const session = await this.#sessions.get('describe', BATCH)
    const x = new Float32Array(BATCH * plane)
    const inputs = { x: { data: x, shape: [1, BATCH, side, side] }, ...weightPorts(this.#net, weights) }
    const d: Port = { data: new Float32Array(values * BATCH), shape: [values, BATCH] }
    const rows = new Float32Array(images.length * values)
    for (let first = 0; first < images.length; first += BATCH) {
      const count = Math.min(BATCH, images.length - first)
      for (let at = 0; at < count; at++) {
        const from = images[first + at] * plane
        for (let i = 0; i < plane; i++) x[at * plane + i] = pixels[from + i] / 255
      }
      await session.run(inputs, { d })
      copyColumns(d.data, rows.subarray(first * values), { bits: values, count })
    }
    return Int8Array.from(rows, value => Math.max(-TOP, Math.min(TOP, Math.round(value * DESCRIPTOR_SCALE))))
  }
}
