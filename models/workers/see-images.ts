import type { AttackJob, AttackResult } from '../attack/attack-job.ts'
import type { ViewSet } from '../data/load-views.ts'
import type { DescribeJob } from '../net/describe-views.ts'
import type { InferResult } from '../net/infer-views.ts'
import type { WorkerPool } from './worker-pool.ts'

type Weights = Float32Array<SharedArrayBuffer>

/** Images of a set, and the weights to see them through. */
export interface Sight {
  readonly pool: WorkerPool
  readonly weights: Weights
  readonly views: ViewSet
  readonly images: Int32Array
}

/** Head outputs of these images on all workers. */
export async function inferAll({ pool, weights, views, images }: Sight): Promise<InferResult> {
  const parts = shares(images, pool.workers)
  const results = await Promise.all(
    parts.map((part, at) => pool.run(at, { kind: 'infer', weights, pixels: views.pixels, images: part }))
  )
  return new Map(
    pool.net.codeBits.map(bits => {
      const joined = new Float32Array(images.length * bits)
      let first = 0
      results.forEach((result, at) => {
        joined.set(result.get(bits) ?? [], first)
        first += parts[at].length * bits
      })
      return [bits, joined]
    })
  )
}

/** Descriptors of these images on all workers, one row each. */
export async function describeAll(
  { pool, weights, images }: Omit<Sight, 'views'>,
  pixels: DescribeJob['pixels']
): Promise<Int8Array> {
  const parts = shares(images, pool.workers)
  const rows = await Promise.all(
    parts.map((part, at) => pool.run(at, { kind: 'describe', weights, pixels, images: part }))
  )
  const joined = new Int8Array(rows.reduce((total, part) => total + part.length, 0))
  let first = 0
  for (const part of rows) {
    joined.set(part, first)
    first += part.length
  }
  return joined
}

/** An attack on images of these classes: towards `targets` where they are given, else away from the own class. */
export type AttackPlan = Pick<AttackJob, 'settings' | 'book' | 'labels' | 'targets'>

/** These images after an attack on all workers. */
export async function attackAll(
  { pool, weights, views, images }: Sight,
  { settings, book, labels, targets }: AttackPlan
): Promise<{ readonly outputs: Float32Array; readonly images: Float32Array; readonly parts: readonly AttackResult[] }> {
  let first = 0
  const parts = await Promise.all(
    shares(images, pool.workers).map((part, at) => {
      const [from, to] = [first, first + part.length]
      first = to
      return pool.run(at, {
        kind: 'attack',
        weights,
        pixels: views.pixels,
        images: part,
        book,
        labels: labels.slice(from, to),
        targets: targets?.slice(from, to),
        settings
      })
    })
  )
  return { outputs: join(parts.map(part => part.outputs)), images: join(parts.map(part => part.images)), parts }
}

/** Labels of these images. */
export function labelsOf(views: ViewSet, images: Int32Array): Int32Array {
  return images.map(at => views.labels[at])
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let to = 0
  for (const part of parts) {
    joined.set(part, to)
    to += part.length
  }
  return joined
}

function shares(images: Int32Array, workers: number): Int32Array[] {
  const size = Math.ceil(images.length / workers)
  return Array.from({ length: workers }, (_, at) => images.slice(at * size, (at + 1) * size))
}
