import type { GraphSession, Port } from '../graph/session.ts'
import type { NetConfig } from './net-config.ts'
import { weightPorts } from './parameters.ts'

/** Images of one run: graphs have a fixed number of images, so the last batch is filled up. */
export const VIEW_BATCH = 32

/** Views and the weights to see them through. */
export interface ViewJob {
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** Which images of `pixels`, in order. */
  readonly images: Int32Array
}

/** Run a graph of {@link VIEW_BATCH} images on views; `took` reads each batch from `outputs`: its first image and how many it has. */
export async function runOnViews(
  { session, net, outputs }: { session: GraphSession; net: NetConfig; outputs: Record<string, Port> },
  { weights, pixels, images }: ViewJob,
  took: (first: number, count: number) => void
): Promise<void> {
  const { side } = net
  const plane = side ** 2
  const x = new Float32Array(VIEW_BATCH * plane)
  const inputs = { x: { data: x, shape: [1, VIEW_BATCH, side, side] }, ...weightPorts(net, weights) }
  for (let first = 0; first < images.length; first += VIEW_BATCH) {
    const count = Math.min(VIEW_BATCH, images.length - first)
    for (let at = 0; at < count; at++) {
      const from = images[first + at] * plane
      for (let i = 0; i < plane; i++) x[at * plane + i] = pixels[from + i] / 255
    }
    await session.run(inputs, outputs)
    took(first, count)
  }
}
