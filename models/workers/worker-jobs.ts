import type { Augmentation } from '../data/augment.ts'
import type { Codebook } from '../net/codebook.ts'

/** How training images are attacked before the net learns from them. Lengths are shares of epsilon. */
export interface Adversary {
  /** Largest change of a pixel in 0..1. */
  readonly epsilon: number
  /** Gradient steps: 1 is a fast-gradient step, more is PGD. */
  readonly steps: number
  /** Length of a step, as a share of epsilon. */
  readonly stepSize: number
  /** The start is drawn evenly from this many epsilons around the image. */
  readonly noise: number
  /** Whether the change is cut back to epsilon (PGD); a noisy fast-gradient step (N-FGSM) leaves it. */
  readonly cut: boolean
  /** Share of each batch that stays clean. */
  readonly cleanShare: number
  /** How else the net learns than from the mix of clean and attacked images; `cleanShare` does not count then. */
  readonly method?: TradesMethod | FreeMethod
}

/** TRADES (Zhang et al. 2019): learn from the clean images, and pull the codes of their attacked twins to theirs. */
export interface TradesMethod {
  readonly name: 'trades'
  /** Weight of that pull. */
  readonly beta: number
}

/** Free adversarial training (Shafahi et al. 2019): one pass gives the weights' and the attack's next step. */
export interface FreeMethod {
  readonly name: 'free'
  /** Times that a batch is learnt from, the attack going on in between. */
  readonly replays: number
}

/** What a worker needs once before it trains. */
export interface PrepareJob {
  readonly kind: 'prepare'
  readonly pixels: Uint8Array<SharedArrayBuffer>
  readonly labels: Int32Array
  readonly books: readonly Codebook[]
  readonly augmentation: Augmentation
  /** Images that this worker takes in a step. */
  readonly images: number
  readonly seed: string
}

/** Loss and gradients over this worker's share of a batch; the gradients go to shared memory. */
export interface StepJob {
  readonly kind: 'step'
  readonly step: number
  /** Which time this batch is learnt from, from 0; above 0 right after the job before it (free adversarial training). */
  readonly replay: number
  /** Indices into the prepared images. */
  readonly batch: Int32Array
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly gradient: Float32Array<SharedArrayBuffer>
  readonly adversary?: Adversary
}

/** Head outputs of a run of views. */
export interface InferJob {
  readonly kind: 'infer'
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** Which images of `pixels`, in order. */
  readonly images: Int32Array
}

/** A PGD attack by the evaluation protocol on views. */
export interface AttackJob {
  readonly kind: 'attack'
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly pixels: Uint8Array<SharedArrayBuffer>
  readonly images: Int32Array
  readonly bits: number
  /** For each image the code to flee from or to reach, ±1, `bits` each. */
  readonly codes: Int8Array
  readonly settings: AttackSettings
}

/** How a query is attacked in evaluation (SAAT's schedule). */
export interface AttackSettings {
  readonly goal: 'targeted' | 'untargeted'
  /** Largest change of a pixel in 0..1. */
  readonly epsilon: number
  readonly steps: number
  /** Length of a step in 0..1. */
  readonly stepSize: number
  /** Random starts; the one that ends farthest from (nearest to) the code counts. */
  readonly restarts: number
  /** Start in a random corner of the ball (every pixel at ±epsilon) instead of anywhere in it. */
  readonly corners?: boolean
  readonly seed: string
}

/** What a worker can be asked. */
export type Job = PrepareJob | StepJob | InferJob | AttackJob

/** Result of a {@link StepJob}. */
export interface StepResult {
  readonly loss: number
}

/** Result of an {@link InferJob}: for each code length the outputs z, image by image. */
export type InferResult = ReadonlyMap<number, Float32Array>

/** Result of an {@link AttackJob}. */
export interface AttackResult {
  /** Attacked images in 0..1, one after the other. */
  readonly images: Float32Array
  /** Their outputs z at the attacked length. */
  readonly outputs: Float32Array
  /** Mean of each image's largest pixel change, in 0..1. */
  readonly meanLargestChange: number
  /** Mean squared pixel change. */
  readonly meanSquaredChange: number
  /** Loss of the first and the last step, mean over images and restarts. */
  readonly firstLoss: number
  readonly lastLoss: number
}
