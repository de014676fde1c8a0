import type { Codebook } from '../net/codebook.ts'

/** An attack by the evaluation protocol on views. */
export interface AttackJob {
  readonly kind: 'attack'
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly pixels: Uint8Array<SharedArrayBuffer>
  readonly images: Int32Array
  /** The class centres of the attacked code length. */
  readonly book: Codebook
  /** The own class of each image. */
  readonly labels: Int32Array
  /** The class whose code each image is to reach; left out: the attack is untargeted, and flees from the own one. */
  readonly targets?: Int32Array
  readonly settings: AttackSettings
}

/**
 * `pgd`: SAAT's loss and schedule. `apgd`: steps that adapt themselves, on the margin between classes. `square`: random squares,
 * by the outputs alone.
 */
export type AttackMethod = (typeof ATTACK_METHODS)[number]

/** The names of {@link AttackMethod}. */
export const ATTACK_METHODS = Object.freeze(['pgd', 'apgd', 'square'] as const)

/** How a query is attacked in evaluation. */
export interface AttackSettings {
  /** `pgd` when left out. */
  readonly method?: AttackMethod
  /** Largest change of a pixel in 0..1. */
  readonly epsilon: number
  /** Gradient steps from each start; of APGD, untargeted, towards each other class; of Square the tries. */
  readonly steps: number
  /** Length of a step of PGD in 0..1; APGD has its own. */
  readonly stepSize: number
  /** Random starts; of each image the strongest counts. */
  readonly restarts: number
  /** Start in a random corner of the ball (every pixel at ±epsilon) instead of anywhere in it. */
  readonly corners?: boolean
  readonly seed: string
}

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
}
