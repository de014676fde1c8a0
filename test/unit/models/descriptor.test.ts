import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { descriptorSimilarity } from '../../../hashing/descriptor.ts'
import { attackDescriptor } from '../../../models/attack/attack-descriptor.ts'
import type { ViewSet } from '../../../models/data/load-views.ts'
import { shifted } from '../../../models/data/shifted.ts'
import { DescriptorIndex } from '../../../models/evaluate/recall.ts'
import { openSession } from '../../../models/graph/session.ts'
import { SPECTRUM_SIZE } from '../../../models/net/frequencies.ts'
import { netNamed } from '../../../models/net/net-config.ts'
import { initialWeights, weightPorts } from '../../../models/net/parameters.ts'
import { trainingGraph } from '../../../models/net/training-graph.ts'
import { discriminant } from '../../../models/train/discriminant.ts'
import { type DescriptorOutcome, trainDescriptor } from '../../../models/train/train-descriptor.ts'
import { readModelFile } from '../../../models/weights/model-file.ts'
import { writeModel } from '../../../models/weights/write-model.ts'
import { describeAll, inferAll } from '../../../models/workers/see-images.ts'
import { openPool } from '../../../models/workers/worker-pool.ts'
import { stripes } from './synthetic-views.ts'

const bare = netNamed('micro')
const net = { ...bare, descriptor: 80 }
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

const plane = bare.side ** 2
const stored = Array.from(images, at => views.pixels.subarray(at * plane, (at + 1) * plane))

/** Spectra of views by the graph, one a row. */
async function spectra(of: readonly Uint8Array[]): Promise<Float32Array[]> {
  const count = of.length
  const session = await openSession(trainingGraph(bare, { kind: 'spectrum', images: count }))
  const x = Float32Array.from(
    of.flatMap(view => [...view]),
    level => level / 255
  )
  const s = new Float32Array(SPECTRUM_SIZE * count)
  await session.run(
    { x: { data: x, shape: [1, count, bare.side, bare.side] } },
    { s: { data: s, shape: [SPECTRUM_SIZE, count] } }
  )
  return of.map((_, at) => Float32Array.from({ length: SPECTRUM_SIZE }, (_, k) => s[k * count + at]))
}

const apart = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((value, k) => value - b[k]))

describe('a spectrum', () => {
  it('has as strength of a frequency the root of |F|, with F summed up plainly under the window', async () => {
    const [own] = await spectra(stored.slice(0, 1))
    const window = (at: number): number => Math.sin((Math.PI * (at + 1)) / (bare.side + 1)) ** 2
    const strength = (u: number, v: number): number => {
      let [real, imaginary] = [0, 0]
      stored[0].forEach((level, i) => {
        const [row, column] = [Math.floor(i / bare.side), i % bare.side]
        const angle = (2 * Math.PI * (u * row + v * column)) / bare.side
        const value = (level / 255) * window(row) * window(column)
        real += value * Math.cos(angle)
        imaginary -= value * Math.sin(angle)
      })
      return (real ** 2 + imaginary ** 2 + 0.25) ** 0.25
    }
    // the half plane by columns: first v = 0 with u from 0 to 14, then v = 1 with u from -13 to 13
    expect(own[0]).toBeCloseTo(strength(0, 0), 3)
    expect(own[5]).toBeCloseTo(strength(5, 0), 3)
    expect(own[15]).toBeCloseTo(strength(-13, 1), 3)
    expect(own[15 + 13 + 2]).toBeCloseTo(strength(2, 1), 3)
  })

  it('stays nearer to itself when its view is moved by a pixel than it comes to another view, and is another when the view is turned by 180 degrees', async () => {
    const some = stored.slice(0, 8)
    const moved = some.map(view => shifted(view, bare.side, { right: 1, down: 1 }))
    const turned = some.map(view => view.slice().reverse())
    const [own, again, reversed] = [await spectra(some), await spectra(moved), await spectra(turned)]
    own.forEach((spectrum, at) => {
      const others = own.filter((_, other) => other !== at).map(other => apart(spectrum, other))
      expect(apart(spectrum, again[at])).toBeLessThan(Math.min(...others))
      expect(apart(spectrum, reversed[at])).toBeGreaterThan(1)
    })
  })
})

describe('the attack on a descriptor', () => {
  it('has the gradient of the distance: the loss rises along it by its norm, within 2 %', async () => {
    const count = 3
    const weights = initialWeights(net, seededRandom('attack'))
    const session = await openSession(trainingGraph(net, { kind: 'describe-attack', images: count }))
    const x = Float32Array.from({ length: count * plane }, (_, i) => views.pixels[i] / 255)
    const shape = [1, count, net.side, net.side]
    const from = { data: new Float32Array(net.descriptor * count).fill(0.3), shape: [net.descriptor, count] }
    const [loss, dx] = [new Float32Array(1), new Float32Array(x.length)]
    const lossAt = async (at: Float32Array): Promise<number> => {
      const ports = { x: { data: at, shape }, from, ...weightPorts(net, weights) }
      await session.run(ports, { loss: { data: loss, shape: [] }, dx: { data: dx, shape } })
      return loss[0]
    }
    await lossAt(x)
    const gradient = dx.slice()
    const norm = Math.hypot(...gradient)
    const h = 0.02
    const along = (by: number): Promise<number> => lossAt(x.map((value, i) => value + (by * gradient[i]) / norm))
    const slope = ((await along(h)) - (await along(-h))) / (2 * h)
    expect(Math.abs(slope - norm)).toBeLessThan(0.02 * norm)
  })
})

describe('the discriminant', () => {
  it('finds the direction in which rows differ and changes do not, with changes of variance 1 along it', () => {
    const random = seededRandom('discriminant')
    const draw = (): number => randomBytes(random, 12).reduce((total, byte) => total + byte / 255 - 0.5, 0) // variance 1
    const count = 4000
    const rows = new Float32Array(3 * count)
    const changes = new Float32Array(3 * count)
    for (let at = 0; at < count; at++) {
      const [a, b, c] = [10 * draw(), 2 * draw(), 5 * draw()]
      rows.set([a + b, a - b, c], 3 * at) // a stays, b and c change
      const [b2, c2] = [2 * draw(), 5 * draw()]
      changes.set([b2, -b2, c2], 3 * at)
    }
    const { mean, directions } = discriminant({ data: rows, width: 3 }, { data: changes, width: 3 }, 2)
    expect([...mean].every(value => Math.abs(value) < 0.5)).toBe(true)
    const [x, y, z] = directions
    expect(Math.abs(x - y)).toBeLessThan(0.1 * Math.abs(x + y))
    expect(Math.abs(z)).toBeLessThan(0.1 * Math.abs(x + y))
    let variance = 0
    for (let at = 0; at < count; at++) {
      variance +=
        (directions[3] * changes[3 * at] + directions[4] * changes[3 * at + 1] + directions[5] * changes[3 * at + 2]) **
          2 /
        count
    }
    expect(variance).toBeGreaterThan(0.9)
    expect(variance).toBeLessThan(1.01) // the ridge takes a little
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
    outcome = await trainDescriptor(views, { settings: { values: 16 }, start })
  }, 240_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('leaves the codes as they are, bit for bit', async () => {
    const [before, after] = [openPool(bare, 1), openPool(outcome.net, 1)]
    const seen = { views, images }
    const codes = await inferAll({ pool: before, weights: start.weights, ...seen })
    expect(await inferAll({ pool: after, weights: outcome.weights, ...seen })).toEqual(codes)
    await Promise.all([before.close(), after.close()])
  })

  it('finds every stored image first when shown again as it is, and a tenth more of the moved ones than random directions', async () => {
    const pool = openPool(outcome.net, 1)
    const shown = { views: stored.map(view => shifted(view, views.side, { right: 3, down: -2 })), originals: images }
    const fresh = new Float32Array(new SharedArrayBuffer(4 * outcome.weights.length))
    fresh.set(initialWeights(outcome.net, seededRandom('untrained')))
    const before = await DescriptorIndex.of({ pool, weights: fresh }, views)
    const after = await DescriptorIndex.of({ pool, weights: outcome.weights }, views)
    expect(await after.recall({ views: stored, originals: images })).toBe(1)
    expect(await after.recall(shown)).toBeGreaterThan((await before.recall(shown)) + 0.1)
    await pool.close()
  })

  it('is attacked within epsilon, and nearer to another image after than before', async () => {
    const attack = { epsilon: 8 / 255, steps: 20, stepSize: 1 / 255, towards: [stored[1]], random: seededRandom('aim') }
    const [attacked] = await attackDescriptor(outcome, stored.slice(0, 1), attack)
    expect(Math.max(...attacked.map((level, i) => Math.abs(level - stored[0][i])))).toBeLessThanOrEqual(8)
    const pool = openPool(outcome.net, 1)
    const pixels = new Uint8Array(new SharedArrayBuffer(3 * plane))
    for (const [at, view] of [stored[0], stored[1], attacked].entries()) pixels.set(view, at * plane)
    const rows = await describeAll({ pool, weights: outcome.weights, images: Int32Array.of(0, 1, 2) }, pixels)
    const [own, goal, moved] = [0, 1, 2].map(at => rows.subarray(at * 80, (at + 1) * 80))
    expect(descriptorSimilarity(moved, goal)).toBeGreaterThan(descriptorSimilarity(own, goal))
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
    expect(descriptor.dims).toEqual([5, 80])
    const served = descriptor.data as Float32Array // what the file says it gives
    rows.forEach((value, i) => {
      expect(Math.abs(value - served[i])).toBeLessThan(0.51)
    })
    await session.release()
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
