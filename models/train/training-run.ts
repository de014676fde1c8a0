import { NetError } from '../../base/errors.ts'
import { seededRandom } from '../../base/random.ts'
import { type AdamState, adamStep, averageStep, cosineRate } from './adamw.ts'
import { type Codebook, codebook } from '../net/codebook.ts'
import { epochOrder } from '../data/epoch-order.ts'
import type { ViewSet } from '../data/load-views.ts'
import { type NetConfig, netNamed, parametersOf } from '../net/net-config.ts'
import { initialWeights } from '../net/parameters.ts'
import { adversaryAt, replaysOf, type TrainSettings } from './train-settings.ts'
import { splitValidation } from '../data/validation-split.ts'
import type { Adversary } from '../attack/adversary.ts'
import { openPool, type WorkerPool } from '../workers/worker-pool.ts'

/** What an epoch came to, as logged, drawn and kept in checkpoints. Measures are on the validation split. */
export interface EpochRecord {
  readonly epoch: number
  /** Mean training loss. */
  readonly loss: number
  /** Tie-aware mAP@100 at 16 bits, clean queries. */
  readonly clean?: number
  /** The same with queries attacked by untargeted PGD-10. */
  readonly robust?: number
}

/** All that a run has computed so far. */
export interface TrainingState {
  /** Steps done. */
  step: number
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly average: Float32Array<SharedArrayBuffer>
  readonly adam: AdamState
  /** The average of the best epoch so far and its score. */
  readonly best: Float32Array<SharedArrayBuffer>
  bestScore: number
  bestEpoch: number
  readonly history: EpochRecord[]
  /** Sum of the losses of the current epoch. */
  lossSum: number
}

/** A run between its first and last step: owns the workers, advances the state. */
export class TrainingRun {
  readonly net: NetConfig
  readonly pool: WorkerPool
  readonly books: readonly Codebook[]
  readonly state: TrainingState
  readonly stepsPerEpoch: number
  readonly training: Int32Array
  readonly validation: Int32Array
  readonly #settings: TrainSettings
  readonly #views: ViewSet
  readonly #gradients: Float32Array<SharedArrayBuffer>[]
  readonly #decayed: Uint8Array
  readonly #replays: number
  #order = new Int32Array(0)
  #orderEpoch = -1

  constructor(views: ViewSet, settings: TrainSettings) {
    this.net = netNamed(settings.net, settings.side)
    this.books = this.net.codeBits.map(bits => codebook(views.classes.length, bits))
    const { training, validation } = splitValidation(views, settings.validationShare)
    this.training = training
    this.validation = validation
    this.#settings = settings
    this.#views = views
    this.#replays = replaysOf(settings)
    this.stepsPerEpoch = Math.floor(this.#epochImages() / settings.batch)
    if (this.stepsPerEpoch < 1) {
      throw new NetError('CONFIG_INVALID', 'the batch is larger than the training set', {
        detail: { batch: settings.batch, images: training.length }
      })
    }
    const start = initialWeights(this.net, seededRandom(`${settings.seed}/weights`))
    this.state = freshState(start)
    this.#gradients = Array.from({ length: settings.workers }, () => sharedVector(start.length))
    this.#decayed = decayMask(this.net)
    this.pool = openPool(this.net, settings.workers)
  }

  /** Hand the images to the workers. Once, before the first step. */
  async prepare(): Promise<void> {
    const { workers, batch, augmentation, seed } = this.#settings
    const { pixels, labels } = this.#views
    const job = {
      kind: 'prepare',
      pixels,
      labels,
      books: this.books,
      augmentation,
      images: batch / workers,
      seed
    } as const
    await Promise.all(this.#gradients.map((_, at) => this.pool.run(at, job)))
  }

  /** Number of steps of the whole run; free adversarial training replays each, and takes as many fewer. */
  get steps(): number {
    return this.stepsPerEpoch * Math.ceil(this.#settings.epochs / this.#replays)
  }

  /**
   * One step on all workers: a batch, and one change of the weights for each time it is learnt from.
   * @throws NetError `TRAINING_DIVERGED` when loss or gradient is not finite; that change is not made, and the state is
   * not to be gone on from
   */
  async step(): Promise<number> {
    const { state } = this
    const { adversarial } = this.#settings
    const batch = this.#batchOf(state.step)
    const adversary = adversaryAt(adversarial, (state.step * this.#replays) / this.stepsPerEpoch)
    let loss = 0
    for (let replay = 0; replay < this.#replays; replay++) {
      loss += (await this.#learn({ batch, replay, adversary })) / this.#replays
    }
    state.step++
    state.lossSum += loss
    return loss
  }

  async #learn(of: { batch: Int32Array; replay: number; adversary: Adversary | undefined }): Promise<number> {
    const { state } = this
    const { batch, workers, ...settings } = this.#settings
    const share = batch / workers
    const results = await Promise.all(
      this.#gradients.map((gradient, at) =>
        this.pool.run(at, {
          kind: 'step',
          step: state.step,
          replay: of.replay,
          batch: of.batch.slice(at * share, (at + 1) * share),
          weights: state.weights,
          gradient,
          adversary: of.adversary
        })
      )
    )
    const loss = results.reduce((total, result) => total + result.loss, 0) / results.length
    const gradient = this.#averageGradient()
    if (!Number.isFinite(loss) || !gradient.every(Number.isFinite)) {
      throw new NetError('TRAINING_DIVERGED', 'the loss is not a number any more', { detail: { step: state.step } })
    }
    const changes = this.steps * this.#replays
    const done = state.step * this.#replays + of.replay
    const { warmupShare, weightDecay, clipNorm, average } = settings
    const warmup = Math.ceil(warmupShare * changes)
    const learningRate = cosineRate(done, { steps: changes, warmup, top: settings.learningRate })
    const by = { step: done + 1, learningRate, weightDecay, decayed: this.#decayed, clipNorm }
    adamStep(state.weights, gradient, { state: state.adam, by })
    averageStep(state.average, state.weights, { step: done + 1, most: average })
    return loss
  }

  close(): Promise<void> {
    return this.pool.close()
  }

  #batchOf(step: number): Int32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch)
    if (epoch !== this.#orderEpoch) {
      this.#order = this.#orderOf(epoch)
      this.#orderEpoch = epoch
    }
    const first = (step % this.stepsPerEpoch) * this.#settings.batch
    return this.#order.subarray(first, first + this.#settings.batch).map(at => this.training[at])
  }

  #orderOf(epoch: number): Int32Array<ArrayBuffer> {
    const labels = this.training.map(at => this.#views.labels[at])
    const random = seededRandom(`${this.#settings.seed}/order/${epoch}`)
    return Int32Array.from(epochOrder(labels, { balance: this.#settings.balance, random }))
  }

  #epochImages(): number {
    return this.#orderOf(0).length
  }

  #averageGradient(): Float32Array {
    const [first, ...others] = this.#gradients
    for (const other of others) for (let i = 0; i < first.length; i++) first[i] += other[i]
    if (others.length > 0) for (let i = 0; i < first.length; i++) first[i] /= this.#gradients.length
    return first
  }
}

/** A vector that workers read and write without a copy. */
function sharedVector(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(length * 4))
}

function freshState(start: Float32Array): TrainingState {
  const shared = (): Float32Array<SharedArrayBuffer> => {
    const vector = sharedVector(start.length)
    vector.set(start)
    return vector
  }
  const adam = { first: new Float32Array(start.length), second: new Float32Array(start.length) }
  return {
    step: 0,
    weights: shared(),
    average: shared(),
    adam,
    best: shared(),
    bestScore: Number.NEGATIVE_INFINITY,
    bestEpoch: 0,
    history: [],
    lossSum: 0
  }
}

function decayMask(net: NetConfig): Uint8Array {
  const parameters = parametersOf(net)
  const last = parameters[parameters.length - 1]
  const mask = new Uint8Array(last.offset + last.size)
  for (const { role, offset, size } of parameters)
    if (role !== 'one' && role !== 'zero') mask.fill(1, offset, offset + size)
  return mask
}
