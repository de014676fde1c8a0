import { type Random, seededRandom, shuffled } from '../../base/random.ts'
import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { withDefaults } from '../../base/options.ts'
import { lookAlikes } from '../data/look-alikes.ts'
import type { ViewSet } from '../data/load-views.ts'
import { isOfDescriptor, type NetConfig, parametersOf } from '../net/net-config.ts'
import { initialWeights, transferWeights } from '../net/parameters.ts'
import { openPool } from '../workers/worker-pool.ts'
import { adamStep, cosineRate } from './adamw.ts'

/** How a descriptor is trained. */
export interface DescriptorSettings {
  /** Values of the descriptor. */
  readonly values: number
  readonly epochs: number
  /** Images a step. */
  readonly batch: number
  readonly learningRate: number
  readonly seed: string
}

/** What brings T-MRI's training images to where more epochs change little. */
export const DESCRIPTOR_DEFAULTS: DescriptorSettings = Object.freeze({
  values: 64,
  epochs: 15,
  batch: 64,
  learningRate: 1.5e-3,
  seed: '1'
})

/** What {@link trainDescriptor} takes beside the images. */
export interface DescriptorInit extends AbortOptions {
  readonly settings?: Partial<DescriptorSettings>
  /** The model that gets the descriptor; its own weights, and so its codes, stay as they are. */
  readonly start: { readonly net: NetConfig; readonly weights: Float32Array }
  readonly onProgress?: (progress: { step: number; steps: number; loss: number }) => void
}

/** A net with a descriptor. */
export interface DescriptorOutcome {
  readonly net: NetConfig
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly settings: DescriptorSettings
}

const LOOK_ALIKES = 12 // of each image; three of them, by chance, stand in a batch beside it
const BESIDE = 3
const WARMUP_STEPS = 50
const WEIGHT_DECAY = 0.01
const CLIP_NORM = 5

/**
 * Train a fine descriptor on the trunk of a model that is there: an image shown again (moved, turned, noisy) is to be nearest to
 * itself as it was stored, among images that look most like it.
 * @throws NetError `CONFIG_INVALID` (a batch above the number of images), `TRAINING_DIVERGED`, `REQUEST_ABORTED`
 */
export async function trainDescriptor(views: ViewSet, init: DescriptorInit): Promise<DescriptorOutcome> {
  const settings = withDefaults<DescriptorSettings>(DESCRIPTOR_DEFAULTS, init.settings)
  const { batch, epochs, seed, learningRate } = settings
  const perEpoch = Math.floor(views.names.length / batch)
  if (perEpoch < 1) throw new NetError('CONFIG_INVALID', 'the batch is larger than the training set')
  const net = { ...init.start.net, descriptor: settings.values }
  const weights = startOf(net, init.start, seed)
  const gradient = new Float32Array(new SharedArrayBuffer(4 * weights.length))
  const own = ownRange(net)
  const part = (vector: Float32Array): Float32Array => vector.subarray(own.from, own.to)
  const size = own.to - own.from
  const adam = { first: new Float32Array(size), second: new Float32Array(size) }
  const decayed = new Uint8Array(size).fill(1)
  const similar = lookAlikes(views, LOOK_ALIKES)
  const steps = epochs * perEpoch
  const pool = openPool(net, 1)
  try {
    for (let step = 0; step < steps; step++) {
      if (init.signal?.aborted) throw abortReason(init.signal)
      const random = seededRandom(`${seed}/descriptor/${step}`)
      const job = { kind: 'descriptor-step', pixels: views.pixels, weights, gradient, seed: `${seed}/${step}` } as const
      const { loss } = await pool.run(0, { ...job, batch: batchOf(similar, batch, random) })
      if (!Number.isFinite(loss)) {
        throw new NetError('TRAINING_DIVERGED', 'the loss is not a number any more', { detail: { step } })
      }
      const rate = cosineRate(step, { steps, warmup: Math.min(WARMUP_STEPS, steps >> 2), top: learningRate })
      const by = { step: step + 1, learningRate: rate, weightDecay: WEIGHT_DECAY, decayed, clipNorm: CLIP_NORM }
      adamStep(part(weights), part(gradient), { state: adam, by })
      init.onProgress?.({ step: step + 1, steps, loss })
    }
  } finally {
    await pool.close()
  }
  return { net, weights, settings }
}

/** Images drawn at random, each with some that look like it; none twice. */
function batchOf(similar: readonly Int32Array[], count: number, random: Random): Int32Array {
  const batch = new Set<number>()
  for (const seed of shuffled(random, [...similar.keys()])) {
    for (const at of [seed, ...shuffled(random, [...similar[seed]]).slice(0, BESIDE)]) {
      if (batch.size < count) batch.add(at)
    }
    if (batch.size === count) break
  }
  return Int32Array.from(batch)
}

function startOf(net: NetConfig, start: DescriptorInit['start'], seed: string): Float32Array<SharedArrayBuffer> {
  const fresh = initialWeights(net, seededRandom(`${seed}/descriptor`))
  const weights = new Float32Array(new SharedArrayBuffer(4 * fresh.length))
  weights.set(fresh)
  const bare = { ...start.net, descriptor: undefined } // a descriptor that it has is learnt anew
  transferWeights({ net: bare, weights: start.weights }, { net, weights })
  return weights
}

/** The descriptor's parameters, which stand together at the end of the flat vector. */
function ownRange(net: NetConfig): { from: number; to: number } {
  const own = parametersOf(net).filter(({ name }) => isOfDescriptor(name))
  const last = own[own.length - 1]
  return { from: own[0].offset, to: last.offset + last.size }
}
