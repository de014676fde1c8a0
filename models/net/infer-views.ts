import type { NetConfig } from './net-config.ts'
import type { Port } from '../graph/session.ts'
import { weightPorts } from './parameters.ts'
import { SessionCache } from './session-cache.ts'

/** Head outputs of a run of views. */
export interface InferJob {
  readonly kind: 'infer'
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** Which images of `pixels`, in order. */
  readonly images: Int32Array
}

/** Result of an {@link InferJob}: for each code length the outputs z, image by image. */
export type InferResult = ReadonlyMap<number, Float32Array>

const BATCH = 32 // graphs have a fixed number of images; the last batch is filled up

/** Computes the head outputs of views. */
export class InferRunner {
  readonly #net: NetConfig
  readonly #sessions: SessionCache

  constructor(net: NetConfig) {
    this.#net = net
    this.#sessions = new SessionCache(net)
  }

  async run({ weights, pixels, images }: InferJob): Promise<InferResult> {
    const { side, codeBits } = this.#net
    const plane = side ** 2
    const session = await this.#sessions.get('infer', BATCH)
    const x = new Float32Array(BATCH * plane)
    const inputs = { x: { data: x, shape: [1, BATCH, side, side] }, ...weightPorts(this.#net, weights) }
    const results = new Map(codeBits.map(bits => [bits, new Float32Array(images.length * bits)]))
    const ports: Record<string, Port> = Object.fromEntries(
      codeBits.map(bits => [`z${bits}`, { data: new Float32Array(bits * BATCH), shape: [bits, BATCH] }])
    )
    for (let first = 0; first < images.length; first += BATCH) {
      const count = Math.min(BATCH, images.length - first)
      for (let at = 0; at < count; at++) {
        const from = images[first + at] * plane
        for (let i = 0; i < plane; i++) x[at * plane + i] = pixels[from + i] / 255
      }
      await session.run(inputs, ports)
      for (const [bits, z] of results) copyColumns(ports[`z${bits}`].data, z.subarray(first * bits), { bits, count })
    }
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
