import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import { type AbortOptions, abortReason, type Clock, systemClock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { withDefaults } from '../../base/options.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { drawCurves } from '../reports/draw-curves.ts'
import { checkBatchFits } from './estimate-memory.ts'
import type { ViewSet } from '../data/load-views.ts'
import type { NetConfig } from '../net/net-config.ts'
import { transferWeights } from '../net/parameters.ts'
import { checkTrainSettings, TRAIN_DEFAULTS, type TrainSettings } from './train-settings.ts'
import { type EpochRecord, TrainingRun } from './training-run.ts'
import { validate } from './validate.ts'

/** Where a run is, for a progress line. */
export interface TrainProgress {
  readonly step: number
  readonly steps: number
  readonly epoch: number
  /** Mean loss of the epoch so far. */
  readonly loss: number
  readonly imagesPerSecond: number
  /** Milliseconds to go at this speed. */
  readonly leftMs: number
  /** The last finished epoch. */
  readonly last?: EpochRecord
}

/** What {@link train} takes beside the images. */
export interface TrainInit extends AbortOptions {
  readonly settings?: Partial<TrainSettings>
  /** Folder for checkpoint, log and curve; made when missing. A checkpoint found there is continued. */
  readonly runDir: string
  /** Weights to start from (every tensor that fits is taken). */
  readonly start?: { readonly net: NetConfig; readonly weights: Float32Array }
  /** Epochs between validations. */
  readonly validateEvery?: number
  /** Time between checkpoints. */
  readonly checkpointMs?: number
  /** Memory that the run may take; left out: what this process can still get. */
  readonly freeBytes?: number
  readonly clock?: Clock
  readonly onProgress?: (progress: TrainProgress) => void
}

/** What a run came to: the averaged weights of its best epoch on the validation split. */
export interface TrainOutcome {
  readonly net: NetConfig
  readonly weights: Float32Array
  readonly bestEpoch: number
  readonly history: readonly EpochRecord[]
  readonly settings: TrainSettings
}

const CHECKPOINT_MS = 3 * 60_000
const PROGRESS_STEPS = 10

/**
 * Train a hash net on views (FCAT's local training, the paper's Eqs 3-6 without federation). Going on from a checkpoint
 * gives the same bits as a run that was never interrupted.
 * @throws NetError `CONFIG_INVALID`, `MODEL_INVALID` (a start of which nothing fits), `TRAINING_DIVERGED` (the last good checkpoint stays), `CHECKPOINT_INVALID`,
 * `FILE_UNWRITABLE`, `REQUEST_ABORTED` (a checkpoint is written first)
 */
export async function train(views: ViewSet, init: TrainInit): Promise<TrainOutcome> {
  const settings = withDefaults<TrainSettings>(TRAIN_DEFAULTS, init.settings)
  checkTrainSettings(settings)
  checkBatchFits(settings, init.freeBytes)
  await makeFolder(init.runDir)
  const run = new TrainingRun(views, settings)
  try {
    await run.prepare()
    await new Session(run, views, { settings, init }).run()
    const { state } = run
    return { net: run.net, weights: state.best.slice(), bestEpoch: state.bestEpoch, history: state.history, settings }
  } finally {
    await run.close()
  }
}

/** Drives a run through its epochs, with validation, checkpoints and progress. */
class Session {
  readonly #run: TrainingRun
  readonly #views: ViewSet
  readonly #settings: TrainSettings
  readonly #init: TrainInit
  readonly #clock: Clock
  readonly #identity: string

  constructor(run: TrainingRun, views: ViewSet, { settings, init }: { settings: TrainSettings; init: TrainInit }) {
    this.#run = run
    this.#views = views
    this.#settings = settings
    this.#init = init
    this.#clock = init.clock ?? systemClock
    const start = init.start === undefined ? '' : digestOf(init.start.weights)
    const parts = [settings, views.digest, start, digestOf(run.validation)]
    this.#identity = sha256Hex(fromString(JSON.stringify(parts)))
  }

  async run(): Promise<void> {
    const { state, stepsPerEpoch, steps, net } = this.#run
    const path = join(this.#init.runDir, 'checkpoint.bin')
    const resumed = await readCheckpoint(path, this.#identity, state)
    if (!resumed && this.#init.start !== undefined) {
      transferWeights(this.#init.start, { net, weights: state.weights })
      state.average.set(state.weights)
    }
    const firstStep = state.step
    const startMs = this.#clock.now()
    let savedMs = startMs
    while (state.step < steps) {
      if (this.#init.signal?.aborted) {
        await writeCheckpoint(path, this.#identity, state)
        throw abortReason(this.#init.signal)
      }
      await this.#run.step()
      const spentMs = this.#clock.now() - startMs
      if (state.step % PROGRESS_STEPS === 0) this.#report(spentMs / (state.step - firstStep))
      if (state.step % stepsPerEpoch === 0) await this.#endEpoch()
      if (this.#clock.now() - savedMs >= (this.#init.checkpointMs ?? CHECKPOINT_MS) || state.step === steps) {
        await writeCheckpoint(path, this.#identity, state)
        savedMs = this.#clock.now()
      }
    }
  }

  async #endEpoch(): Promise<void> {
    const { state, stepsPerEpoch, steps } = this.#run
    const epoch = state.step / stepsPerEpoch
    const loss = state.lossSum / stepsPerEpoch
    state.lossSum = 0
    const due = epoch % (this.#init.validateEvery ?? 1) === 0 || state.step === steps
    const measured = due ? await validate(this.#run, this.#views, this.#settings.adversarial?.epsilon ?? 0) : {}
    const record: EpochRecord = { epoch, loss, ...measured }
    state.history.push(record)
    if (record.clean !== undefined) {
      const score = (record.clean + (record.robust ?? record.clean)) / 2
      if (score >= state.bestScore) {
        state.bestScore = score
        state.bestEpoch = epoch
        state.best.set(state.average)
      }
    }
    await this.#log(record)
  }

  async #log(record: EpochRecord): Promise<void> {
    const { runDir } = this.#init
    try {
      await appendFile(join(runDir, 'epochs.jsonl'), `${JSON.stringify(record)}\n`)
      await writeFile(join(runDir, 'curve.svg'), drawCurves(trainingCurves(this.#run.state.history)))
    } catch (cause) {
      throw new NetError('FILE_UNWRITABLE', 'the training log cannot be written', { cause })
    }
  }

  #report(stepMs: number): void {
    const { state, stepsPerEpoch, steps } = this.#run
    const inEpoch = state.step % stepsPerEpoch || stepsPerEpoch
    this.#init.onProgress?.({
      step: state.step,
      steps,
      epoch: Math.ceil(state.step / stepsPerEpoch),
      loss: state.lossSum / inEpoch,
      imagesPerSecond: (1000 * this.#settings.batch) / stepMs,
      leftMs: stepMs * (steps - state.step),
      last: state.history[state.history.length - 1]
    })
  }
}

function trainingCurves(history: readonly EpochRecord[]) {
  const line = (name: string, measure: (record: EpochRecord) => number | undefined) => ({
    name,
    points: history.flatMap(record => {
      const value = measure(record)
      return value === undefined ? [] : [{ x: record.epoch, y: value }]
    })
  })
  return {
    title: 'Training',
    x: 'epoch',
    y: 'loss, validation mAP@100',
    lines: [
      line('loss', record => record.loss),
      line('clean', record => record.clean),
      line('attacked', record => record.robust)
    ].filter(({ points }) => points.length > 0)
  }
}

function digestOf(numbers: Float32Array | Int32Array): string {
  return sha256Hex(new Uint8Array(numbers.slice().buffer))
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true })
  } catch (cause) {
    throw new NetError('FILE_UNWRITABLE', `the folder ${dir} cannot be made`, { cause })
  }
}
