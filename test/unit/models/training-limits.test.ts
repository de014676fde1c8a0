import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isNetError } from '../../../base/errors.ts'
import { readCheckpoint, writeCheckpoint } from '../../../models/train/checkpoint.ts'
import { checkBatchFits, estimateMemory } from '../../../models/train/estimate-memory.ts'
import { add, tanh } from '../../../models/graph/elementwise.ts'
import { Graph } from '../../../models/graph/graph.ts'
import { reshape } from '../../../models/graph/shape.ts'
import { adversarialPlan, TRAIN_DEFAULTS, type TrainSettings } from '../../../models/train/train-settings.ts'
import { train } from '../../../models/train/train.ts'
import { TrainingRun, type TrainingState } from '../../../models/train/training-run.ts'
import { canMount, withMount } from '../../contract/small-disk.ts'
import { stripes } from './synthetic-views.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sfmedir-limits-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const views = stripes({ images: 80, seed: 'limits' })
const MICRO: TrainSettings = { ...TRAIN_DEFAULTS, net: 'micro', side: 32, batch: 16, epochs: 1 }

describe('memory', () => {
  it('a graph counts values from their node to their last reader, and shapes and names for nothing', () => {
    const graph = new Graph()
    const a = graph.input('a', [10])
    const b = tanh(graph, a)
    const c = tanh(graph, reshape(graph, b, [2, 5])) // here b ends
    graph.output('sum', add(graph, c, graph.constant(new Float32Array(3), [1, 1])))
    expect(graph.liveBytes).toBe(4 * 20)
    expect(graph.constantBytes).toBe(4 * 3 + 2 * 8)
  })

  it('grows with the batch, the view, the workers, and with what adversarial training adds', () => {
    const base = estimateMemory(MICRO)
    const larger: Partial<TrainSettings>[] = [{ batch: 32 }, { side: 64 }, { batch: 32, workers: 2 }, { net: 'small' }]
    const attacked = (['fgsm', 'trades', 'free'] as const).map(name => ({ adversarial: adversarialPlan(name) }))
    for (const more of [...larger, ...attacked]) expect(estimateMemory({ ...MICRO, ...more })).toBeGreaterThan(base)
  })

  it('a batch that does not fit is CONFIG_INVALID with the largest that does, before anything is made', async () => {
    const freeBytes = 500e6
    const settings = { ...MICRO, batch: 4096, workers: 2 }
    const runDir = join(dir, 'too-large')
    const error: unknown = await train(views, { settings, runDir, freeBytes }).catch((thrown: unknown) => thrown)
    if (!isNetError(error, 'CONFIG_INVALID')) throw error
    const largest = Number(error.detail.largest)
    expect(error.message).toContain(`largest batch that fits is ${largest}`)
    expect(existsSync(runDir)).toBe(false)
    expect([largest % 2, largest > 0]).toEqual([0, true])
    expect(checkBatchFits({ ...settings, batch: largest }, freeBytes)).toBeUndefined()
    expect(() => checkBatchFits({ ...settings, batch: largest + 2 }, freeBytes)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' })
    )
  })

  it('where no batch fits, the largest is 0', () => {
    expect(() => checkBatchFits(MICRO, 1e6)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', detail: expect.objectContaining({ largest: 0 }) })
    )
  })
})

describe('a loss that is not a number', () => {
  it('TRAINING_DIVERGED: neither step nor weights nor moments are changed', async () => {
    const run = new TrainingRun(views, MICRO)
    await run.prepare()
    run.state.weights.fill(Number.NaN, 0, 1)
    const before = run.state.weights.slice()
    await expect(run.step()).rejects.toMatchObject({ code: 'TRAINING_DIVERGED', detail: { step: 0 } })
    expect([run.state.step, run.state.lossSum]).toEqual([0, 0])
    expect(run.state.weights).toEqual(before)
    const { first, second } = run.state.adam
    expect([...first, ...second].every(value => value === 0)).toBe(true)
    await run.close()
  })
})

describe('a disk that is full', () => {
  const LENGTH = 50_000 // 200 kB a vector, 1 MB a checkpoint
  const stateOf = (step: number): TrainingState => {
    const vector = () => new Float32Array(new SharedArrayBuffer(4 * LENGTH)).fill(step)
    return {
      step,
      weights: vector(),
      average: vector(),
      adam: { first: vector(), second: vector() },
      best: vector(),
      bestScore: 0.5,
      bestEpoch: 1,
      history: [],
      lossSum: 0
    }
  }

  it.skipIf(!canMount())(
    'at a checkpoint: FILE_UNWRITABLE, the one before it stays whole, and no half file takes room',
    async () => {
      await withMount(join(dir, 'disk'), 'size=2600k', async at => {
        const path = join(at, 'checkpoint.bin')
        await writeCheckpoint(path, 'run', stateOf(7))
        writeFileSync(join(at, 'other'), new Uint8Array(1_000_000))
        const kept = readFileSync(path)
        await expect(writeCheckpoint(path, 'run', stateOf(8))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
        expect(readFileSync(path).equals(kept)).toBe(true)
        expect(readdirSync(at).sort()).toEqual(['checkpoint.bin', 'other'])
        const state = stateOf(0)
        expect(await readCheckpoint(path, 'run', state)).toBe(true)
        expect([state.step, state.weights[LENGTH - 1], state.adam.second[0]]).toEqual([7, 7, 7])
        rmSync(join(at, 'other'))
        await writeCheckpoint(path, 'run', stateOf(8))
        await readCheckpoint(path, 'run', state)
        expect(state.step).toBe(8)
      })
    }
  )
})
