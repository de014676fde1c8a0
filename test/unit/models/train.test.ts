import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOnnxModel } from '../../../hashing/onnx-hash-model.ts'
import { readManifest } from '../../../hashing/manifest.ts'
import { codeFromOutputs } from '../../../hashing/hash-code.ts'
import { codebook } from '../../../models/net/codebook.ts'
import { evaluate } from '../../../models/evaluate/evaluate.ts'
import { netNamed } from '../../../models/net/net-config.ts'
import { readModelFile } from '../../../models/weights/model-file.ts'
import { type TrainOutcome, train } from '../../../models/train/train.ts'
import { ADVERSARIAL_DEFAULTS, type TrainSettings } from '../../../models/train/train-settings.ts'
import { attackAll, inferAll } from '../../../models/workers/see-images.ts'
import { openPool, type WorkerPool } from '../../../models/workers/worker-pool.ts'
import { writeModel } from '../../../models/weights/write-model.ts'
import { stripes } from './synthetic-views.ts'

const AUGMENTATION = { degrees: 2, zoom: 0.02, shift: 0.05, gain: 0.1, mirror: false }
const TINY: Partial<TrainSettings> = {
  net: 'micro',
  side: 32,
  batch: 16,
  workers: 1,
  learningRate: 4e-3,
  average: 0.9,
  validationShare: 0.1,
  augmentation: AUGMENTATION
}
const views = stripes({ images: 320, seed: 'training stripes' })
const fresh = stripes({ images: 80, seed: 'other stripes' })
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sfmedir-train-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function runTo(name: string, settings: Partial<TrainSettings>, extra = {}): Promise<TrainOutcome> {
  return train(views, { settings: { ...TINY, ...settings }, runDir: join(dir, name), ...extra })
}

describe('a trained tiny net', () => {
  let outcome: TrainOutcome
  let pool: WorkerPool
  let file: string

  beforeAll(async () => {
    outcome = await runTo('learn', { epochs: 8 }, { validateEvery: 4 })
    pool = openPool(outcome.net, 1)
    const { net, weights } = outcome
    await writeModel(join(dir, 'models'), { name: 'tiny', net, weights, classes: views.classes, notes: {} })
    file = join(dir, 'models', 'tiny.onnx')
  })
  afterAll(() => pool.close())

  it('finds stripes of the same angle with mAP@100 above 0.9 at 8, 16, 32 and 64 bits', async () => {
    const { weights } = await readModelFile(file)
    for (const bits of [8, 16, 32, 64]) {
      const { map, chance } = await evaluate({ pool, weights, queries: fresh, database: views, bits })
      expect(map['100'], `${bits} bits`).toBeGreaterThan(0.9)
      expect(chance).toBeCloseTo(0.25, 6)
    }
  })

  it('gives the same codes of 8 and 64 bits by the exported file, 37 images at once or one, as by the training graph', async () => {
    const { weights } = await readModelFile(file)
    const [entry] = (await readManifest(join(dir, 'models'))).models
    const model = await openOnnxModel(readFileSync(file), entry)
    const images = Int32Array.from({ length: 37 }, (_, at) => at)
    const outputs = await inferAll({ pool, weights, views: fresh, images })
    const asViews = [...images].map(at => ({
      side: 32,
      pixels: Uint8Array.from(fresh.pixels.subarray(at * 1024, (at + 1) * 1024))
    }))
    for (const bits of [8, 64]) {
      const z = outputs.get(bits) ?? new Float32Array(0)
      const expected = [...images].map(at => codeFromOutputs(z.subarray(at * bits, (at + 1) * bits)))
      expect(await model.hash(asViews, bits)).toEqual(expected)
      expect(await model.hash(asViews.slice(5, 6), bits)).toEqual(expected.slice(5, 6))
    }
    await model.close()
  })

  const epsilon = 16 / 255
  const images = Int32Array.from({ length: 40 }, (_, at) => at)

  it('attacked images stay within epsilon and 0..1', async () => {
    const { weights } = await readModelFile(file)
    const book = codebook(4, 16)
    const settings = { epsilon, steps: 10, stepSize: epsilon / 4, restarts: 2, seed: 'a' } as const
    const labels = fresh.labels.slice(0, 40)
    const { images: attacked, parts } = await attackAll(
      { pool, weights, views: fresh, images },
      { settings, book, labels }
    )
    for (let i = 0; i < attacked.length; i++) {
      expect(Math.abs(attacked[i] - fresh.pixels[i] / 255)).toBeLessThanOrEqual(epsilon + 1e-6)
      expect(attacked[i] >= 0 && attacked[i] <= 1).toBe(true)
    }
    expect(parts[0].meanLargestChange).toBeLessThanOrEqual(epsilon + 1e-6)
  })

  it('untargeted PGD leaves less mAP than random signs; both say how they were made', async () => {
    const { weights } = await readModelFile(file)
    const base = { pool, weights, queries: fresh, database: views, bits: 16, images }
    const pgd = await evaluate({ ...base, attack: { goal: 'untargeted', epsilon, steps: 20 } })
    const noise = await evaluate({ ...base, attack: { goal: 'noise', epsilon } })
    expect(pgd.adversarialMap?.['100']).toBeLessThan((noise.adversarialMap?.['100'] ?? 0) - 0.1)
    expect(pgd.attack).toMatchObject({ steps: 20, restarts: 1, queries: 40 })
    expect(noise.attack).toMatchObject({ steps: 0, restarts: 1 })
    const [moved, shaken] = [pgd.attack?.meanLargestChange ?? 1, noise.attack?.meanSquaredChange ?? 1]
    expect(moved > epsilon / 2 && moved <= epsilon + 1e-6).toBe(true)
    expect(shaken > (epsilon / 2) ** 2 && shaken <= epsilon ** 2 + 1e-9).toBe(true)
    expect(pgd.adversarialPrecisionRecall).toHaveLength(11)
  })
})

describe('resuming', () => {
  it('an adversarial run stopped at step 10 and continued ends at the same bits as a straight one, on two workers', async () => {
    const settings = { epochs: 2, workers: 2, adversarial: { ...ADVERSARIAL_DEFAULTS, warmupEpochs: 0, rampEpochs: 1 } }
    const straight = await runTo('straight', settings)
    const controller = new AbortController()
    const stop = ({ step }: { step: number }): void => {
      if (step >= 10) controller.abort()
    }
    await expect(runTo('stopped', settings, { signal: controller.signal, onProgress: stop })).rejects.toMatchObject({
      code: 'REQUEST_ABORTED'
    })
    const steps: number[] = []
    const resumed = await runTo('stopped', settings, { onProgress: ({ step }: { step: number }) => steps.push(step) })
    expect(Math.min(...steps)).toBeGreaterThan(10) // and did not begin anew
    expect(Buffer.from(resumed.weights.buffer).equals(Buffer.from(straight.weights.buffer))).toBe(true)
    expect(resumed.history).toEqual(straight.history)
  })

  it('a damaged checkpoint, or one of other settings, is CHECKPOINT_INVALID', async () => {
    await runTo('kept', { epochs: 1 })
    await expect(runTo('kept', { epochs: 2 })).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    const path = join(dir, 'kept', 'checkpoint.bin')
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(path, bytes)
    await expect(runTo('kept', { epochs: 1 })).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })
})

describe('what goes wrong', () => {
  it('weights that are not numbers stop the run with TRAINING_DIVERGED', async () => {
    const net = netNamed('micro')
    const weights = (await runTo('short', { epochs: 1 })).weights.fill(Number.NaN)
    await expect(runTo('diverged', { epochs: 1 }, { start: { net, weights } })).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED'
    })
  })

  it('a batch above the training set, an unknown net and a folder that cannot be made are coded errors', async () => {
    await expect(runTo('batch', { batch: 1024 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(runTo('net', { net: 'huge' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    writeFileSync(join(dir, 'file'), '')
    await expect(runTo('file/run', { epochs: 1 })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  })
})
