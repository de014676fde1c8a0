import { NetError } from '../../base/errors.ts'
import { type Augmentation, AUGMENTATION_DEFAULTS } from '../data/augment.ts'
import type { Adversary } from '../attack/adversary.ts'

/** How adversarial training attacks, and how it comes up to full strength. */
export interface AdversarialPlan extends Adversary {
  /** Epochs of clean training before the first attack. */
  readonly warmupEpochs: number
  /** Epochs over which epsilon then rises in a straight line from 0. */
  readonly rampEpochs: number
}

/** Everything that decides what a training run computes (beside the images): same settings, same weights. */
export interface TrainSettings {
  /** Name of the net, see `NETS`. */
  readonly net: string
  /** Width and height of the views. */
  readonly side: number
  readonly epochs: number
  /** Images a step, over all workers. */
  readonly batch: number
  /** Threads that compute gradients: part of the result, as sums are rounded in their order. */
  readonly workers: number
  readonly learningRate: number
  /** Share of all steps in which the learning rate rises. */
  readonly warmupShare: number
  readonly weightDecay: number
  readonly clipNorm: number
  /** Decay of the running average of the weights, which is what is validated and kept. */
  readonly average: number
  /** 0: classes as frequent as they are; 1: all equally frequent. */
  readonly balance: number
  /** Share of the training images held back to choose the weights by. */
  readonly validationShare: number
  readonly seed: string
  readonly augmentation: Augmentation
  readonly adversarial?: AdversarialPlan
}

/** A clean run that fits a few thousand images in about half an hour on one core. */
export const TRAIN_DEFAULTS: TrainSettings = Object.freeze({
  net: 'small',
  side: 64,
  epochs: 60, // on T-MRI accuracy still rises until about here
  batch: 32,
  workers: 1,
  learningRate: 1e-3,
  warmupShare: 0.02,
  weightDecay: 0.05,
  clipNorm: 5,
  average: 0.998, // the last three epochs or so of a set of 5,000 images
  balance: 0.5, // rare classes are seen more often than they are, yet not as often as common ones
  validationShare: 0.05,
  seed: '1',
  augmentation: AUGMENTATION_DEFAULTS
})

const PGD_STEPS = 2
const REACH = 2.5 // epsilons that all steps make together: enough to cross the ball from a random start

/**
 * 8/255 by two steps of PGD. One noisy step (N-FGSM, de Jorge et al. 2022) is cheaper, but ends less robust and can
 * collapse: the net learns to withstand that step and no other attack.
 */
export const ADVERSARIAL_DEFAULTS: AdversarialPlan = Object.freeze({
  epsilon: 8 / 255,
  steps: PGD_STEPS,
  stepSize: REACH / PGD_STEPS,
  noise: 1,
  cut: true,
  cleanShare: 0.375, // keeps the clean loss small
  warmupEpochs: 0,
  rampEpochs: 3
})

/** The ways of adversarial training that `--method` names. */
export const ADVERSARIAL_METHODS = Object.freeze(['fgsm', 'pgd', 'trades', 'free'] as const)

/** What {@link adversarialPlan} may be told; `steps` is of PGD, `beta` of TRADES, `replays` of free training. */
export interface AdversarialPlanInit {
  readonly epsilon?: number
  /** Share of a batch that stays clean: of `fgsm` and `pgd`. */
  readonly cleanShare?: number
  readonly steps?: number
  readonly beta?: number
  readonly replays?: number
  /** Epochs of clean training before the attack; 0 when left out. */
  readonly warmupEpochs?: number
  /** Epochs in which epsilon then rises: 3 where training starts from a robust net, more from a clean or a fresh one. */
  readonly rampEpochs?: number
}

const TRADES_STEPS = 7 // SAAT's number for its own attack
const TRADES_BETA = 6 // Zhang et al. 2019, where it weighs the same divergence
const FREE_REPLAYS = 4 // Shafahi et al. 2019 find 4 to 10; with more, fewer images are seen

/** The plan of a method by its name. `fgsm` is N-FGSM: one step from beyond the epsilon ball, not cut. */
export function adversarialPlan(
  method: (typeof ADVERSARIAL_METHODS)[number],
  init: AdversarialPlanInit = {}
): AdversarialPlan {
  const { epsilon = ADVERSARIAL_DEFAULTS.epsilon, cleanShare = ADVERSARIAL_DEFAULTS.cleanShare } = init
  const { warmupEpochs = ADVERSARIAL_DEFAULTS.warmupEpochs, rampEpochs = ADVERSARIAL_DEFAULTS.rampEpochs } = init
  const { beta = TRADES_BETA, replays = FREE_REPLAYS } = init
  const shared = { ...ADVERSARIAL_DEFAULTS, epsilon, cleanShare, warmupEpochs, rampEpochs }
  const pgd = (by: number) => ({ ...shared, steps: by, stepSize: REACH / by })
  if (method === 'fgsm') return { ...pgd(1), stepSize: 1, noise: 2, cut: false }
  if (method === 'pgd') return pgd(init.steps ?? PGD_STEPS)
  if (method === 'free') return { ...pgd(1), stepSize: 1, cleanShare: 0, method: { name: 'free', replays } }
  return { ...pgd(init.steps ?? TRADES_STEPS), cleanShare: 0, method: { name: 'trades', beta } }
}

/** @throws NetError `CONFIG_INVALID` for settings that no run can have */
export function checkTrainSettings(settings: TrainSettings): void {
  const { epochs, batch, workers, learningRate, validationShare } = settings
  const wrong = (what: string): NetError => new NetError('CONFIG_INVALID', what)
  if (!Number.isInteger(epochs) || epochs < 1) throw wrong('epochs must be a whole number from 1')
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) throw wrong('workers must be from 1 to 64')
  if (!Number.isInteger(batch) || batch < workers || batch > 4096 || batch % workers !== 0) {
    throw wrong('batch must be a multiple of the number of workers, at most 4096')
  }
  if (!(learningRate > 0 && learningRate < 1)) throw wrong('learningRate must lie between 0 and 1')
  if (!(validationShare > 0 && validationShare < 0.5)) throw wrong('validationShare must lie between 0 and 0.5')
  const epsilon = settings.adversarial?.epsilon ?? 0
  if (!(epsilon >= 0 && epsilon <= 0.5)) throw wrong('epsilon must lie between 0 and 0.5')
  const method = settings.adversarial?.method
  if (method?.name === 'trades' && !(method.beta > 0 && method.beta <= 1000)) throw wrong('beta must lie in (0, 1000]')
  const replays = replaysOf(settings)
  if (!Number.isInteger(replays) || replays < 1 || replays > 50) throw wrong('replays must be from 1 to 50')
}

/** How often each batch is learnt from: once, but for free adversarial training. */
export function replaysOf({ adversarial }: TrainSettings): number {
  return adversarial?.method?.name === 'free' ? adversarial.method.replays : 1
}

/** The attack of an epoch: none in the clean warm-up, then with a rising epsilon. `epoch` may have a fraction. */
export function adversaryAt(plan: AdversarialPlan | undefined, epoch: number): Adversary | undefined {
  if (plan === undefined || epoch < plan.warmupEpochs) return undefined
  const strength = plan.rampEpochs === 0 ? 1 : Math.min(1, (epoch - plan.warmupEpochs) / plan.rampEpochs)
  return { ...plan, epsilon: plan.epsilon * strength }
}
