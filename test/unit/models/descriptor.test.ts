import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import type { ViewSet } from '../../../models/data/load-views.ts'
import { lookAlikes } from '../../../models/data/look-alikes.ts'
import { shifted } from '../../../models/data/shifted.ts'
import { DescriptorIndex, jitterOf } from '../../../models/evaluate/recall.ts'
import { openSession } from '../../../models/graph/session.ts'
import { isOfDescriptor, netNamed, parametersOf } from '../../../models/net/net-config.ts'
import { initialWeights, weightPorts } from '../../../models/net/parameters.ts'
import { trainingGraph } from '../../../models/net/training-graph.ts'
import { type DescriptorOutcome, trainDescriptor } from '../../../models/train/train-descriptor.ts'
import { readModelFile } from '../../../models/weights/model-file.ts'
import { writeModel } from '../../../models/weights/write-model.ts'
import { describeAll, inferAll } from '../../../models/workers/see-images.ts'
import { openPool } from '../../../models/workers/worker-pool.ts'
import { clusters, stripes } from './synthetic-views.ts'

const bare = netNamed('micro')
const net = { ...bare, descriptor: 16 }
const views = blots(160)
const images = Int32Array.from(views.names.keys())

/** Views of 8 x 8 patches of random levels: each unlike the others, and like itself when moved a little. */
function blots(count: number): ViewSet {
  const set = stripes({ images: count, seed: 'described' })
  const random = seededRandom('blots')
  for (let at = 0; at < count; at++) {
    const patches = randomBytes(random, 64)
    for (let i = 0; i < 1024; i++) set.pixels[at * 1024 + i] = patches[((i >> 5) >> 2) * 8 + ((i & 31) >> 2)]
  }
  return set
}

describe('the loss of pairs', () => {
  it('is that of its definition, and rises along the gradient of every own weight by its norm, within 2 %', async () => {
    const count = 3
    const weights = initialWeights(net, seededRandom('pairs'))
    const x = Float32Array.from({ length: 2 * count * net.side ** 2 }, (_, i) => views.pixels[i] / 255)
    const square = [count, count]
    const sign = Float32Array.from({ length: count ** 2 }, (_, i) => (i % (count + 1) === 0 ? -1 : 1))
    const weight = Float32Array.of(4, 1, 0, 1, 4, 1, 0, 1, 4)
    const training = await openSession(trainingGraph(net, { kind: 'train-describe', images: count }))
    const plain = await openSession(trainingGraph(net, { kind: 'describe', images: 2 * count }))
    const input = { x: { data: x, shape: [1, 2 * count, net.side, net.side] } }
    const gradient = new Float32Array(weights.length)
    const own = Object.entries(weightPorts(net, gradient, 'd:')).filter(([name]) => isOfDescriptor(name.slice(2)))
    const loss = new Float32Array(1)
    const lossAt = async (at: Float32Array): Promise<number> => {
      const pairs = { sign: { data: sign, shape: square }, weight: { data: weight, shape: square } }
      const outputs = { loss: { data: loss, shape: [] }, ...Object.fromEntries(own) }
      await training.run({ ...input, ...pairs, ...weightPorts(net, at) }, outputs)
      return loss[0]
    }
    const d = new Float32Array(net.descriptor * 2 * count)
    await plain.run({ ...input, ...weightPorts(net, weights) }, { d: { data: d, shape: [net.descriptor, 2 * count] } })
    let expected = 0
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let cosine = 0
        for (let k = 0; k < net.descriptor; k++) {
          cosine += (d[k * 2 * count + a] * d[k * 2 * count + count + b]) / net.descriptor
        }
        const logit = 20 * (cosine - 0.7) * sign[a * count + b]
        expected += (weight[a * count + b] * Math.log1p(Math.exp(logit))) / count ** 2
      }
    }
    expect(await lossAt(weights)).toBeCloseTo(expected, 4)
    const analytic = gradient.slice()
    for (const { name, offset, size } of parametersOf(net).filter(of => isOfDescriptor(of.name))) {
      const part = analytic.subarray(offset, offset + size)
      const norm = Math.hypot(...part)
      const along = (length: number): Promise<number> => {
        const moved = weights.slice()
        for (let i = 0; i < size; i++) moved[offset + i] += (length * part[i]) / norm
        return lossAt(moved)
      }
      const h = Math.min(1e-2, 1e-2 / norm)
      const slope = ((await along(h)) - (await along(-h))) / (2 * h)
      expect(Math.abs(slope - norm), `${name}: ${slope} for ${norm}`).toBeLessThan(0.02 * norm + 1e-4)
    }
  })
})

describe('a trained descriptor', () => {
  const start = { net: bare, weights: new Float32Array(new SharedArrayBuffer(0)) }
  let outcome: DescriptorOutcome
  let dir: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sfmedir-descriptor-'))
    const fresh = initialWeights(bare, seededRandom('trunk'))
    start.weights = new Float32Array(new SharedArrayBuffer(4 * fresh.length))
    start.weights.set(fresh)
    outcome = await trainDescriptor(views, { settings: { values: 16, epochs: 30, batch: 32 }, start })
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('leaves the codes as they are, bit for bit', async () => {
    const [before, after] = [openPool(bare, 1), openPool(outcome.net, 1)]
    const seen = { views, images }
    const codes = await inferAll({ pool: before, weights: start.weights, ...seen })
    expect(await inferAll({ pool: after, weights: outcome.weights, ...seen })).toEqual(codes)
    await Promise.all([before.close(), after.close()])
  })

  it('finds every stored image first when shown again as it is, a tenth more of the moved ones than untrained, and more yet with jitter', async () => {
    const pool = openPool(outcome.net, 1)
    const plane = views.side ** 2
    const stored = Array.from(images, at => views.pixels.subarray(at * plane, (at + 1) * plane))
    const shown = { views: stored.map(view => shifted(view, views.side, { right: 2, down: -1 })), originals: images }
    const untrained = initialWeights(outcome.net, seededRandom('untrained'))
    const shared = outcome.weights.slice()
    const fresh = new Float32Array(new SharedArrayBuffer(4 * shared.length))
    fresh.set(untrained)
    const before = await DescriptorIndex.of({ pool, weights: fresh }, views)
    const after = await DescriptorIndex.of({ pool, weights: outcome.weights }, views)
    expect(await after.recall({ views: stored, originals: images })).toBe(1)
    const found = await after.recall(shown)
    expect(found).toBeGreaterThan((await before.recall(shown)) + 0.1)
    expect(await after.recall(shown, jitterOf(1))).toBeGreaterThan(found)
    await pool.close()
  })

  it('is an output of the exported file, the same as by the training graph but for rounding', async () => {
    const { net: of, weights } = outcome
    await writeModel(dir, { name: 'described', net: of, weights, classes: views.classes, notes: {} })
    const file = join(dir, 'described.onnx')
    const read = await readModelFile(file)
    expect(read.net).toEqual(of)
    const pool = openPool(read.net, 1)
    const rows = await describeAll({ pool, weights: read.weights, images: images.slice(0, 5) }, views.pixels)
    await pool.close()
    const session = await ort.InferenceSession.create(readFileSync(file))
    const x = Float32Array.from(views.pixels.subarray(0, 5 * 1024), level => level / 255)
    const { descriptor } = await session.run({ x: new ort.Tensor('float32', x, [5, 1, 32, 32]) }, ['descriptor'])
    expect(descriptor.dims).toEqual([5, 16])
    const served = descriptor.data as Float32Array // what the file says it gives
    rows.forEach((value, i) => {
      expect(Math.abs(value - served[i])).toBeLessThan(0.51)
    })
    await session.release()
  })
})

describe('look-alikes', () => {
  it('are the other images of a cluster first', () => {
    const set = clusters([[3, 3], [3]], 16)
    for (const [at, found] of lookAlikes(set, 2).entries()) {
      expect([...found].map(other => Math.floor(other / 3))).toEqual([Math.floor(at / 3), Math.floor(at / 3)])
    }
  })
})

describe('a shifted view', () => {
  it('is moved by whole pixels, with black where nothing came from', () => {
    const view = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)
    expect([...shifted(view, 3, { right: 1, down: 0 })]).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8])
    expect([...shifted(view, 3, { right: -1, down: 2 })]).toEqual([0, 0, 0, 0, 0, 0, 2, 3, 0])
    expect([...shifted(view, 3, { right: 3, down: 0 })]).toEqual(new Array(9).fill(0))
  })
})
