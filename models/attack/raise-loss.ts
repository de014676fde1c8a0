import type { Random } from '../../base/random.ts'
import { evenDraws } from '../data/augment.ts'
import type { Adversary } from './adversary.ts'

/** Images under attack in training: what they are, and how far each pixel has been moved. */
export class Perturbation {
  readonly #original: Float32Array
  readonly #delta: Float32Array
  readonly #adversary: Adversary

  /** Begin `noise` epsilons around the images, evenly drawn. */
  constructor(images: Float32Array, adversary: Adversary, random: Random) {
    this.#original = images.slice()
    this.#adversary = adversary
    this.#delta = evenDraws(random, images.length)
    for (let i = 0; i < images.length; i++) this.#delta[i] *= adversary.noise * adversary.epsilon
  }

  /** Write the moved images to `to`, cut to 0..1. */
  show(to: Float32Array): void {
    for (let i = 0; i < to.length; i++) to[i] = Math.min(1, Math.max(0, this.#original[i] + this.#delta[i]))
  }

  /** One step along the signs of `dx`, the gradient of what the attack raises. */
  stepUp(dx: Float32Array): void {
    const { epsilon, stepSize, cut } = this.#adversary
    const length = stepSize * epsilon
    for (let i = 0; i < dx.length; i++) {
      const moved = this.#delta[i] + (dx[i] > 0 ? length : dx[i] < 0 ? -length : 0)
      this.#delta[i] = cut ? Math.min(epsilon, Math.max(-epsilon, moved)) : moved
    }
  }
}

/** What {@link raiseLoss} climbs. */
export interface RaiseLossInit {
  readonly adversary: Adversary
  readonly random: Random
  /** Write the gradient at the images as they are now to `dx`. */
  readonly gradient: (dx: Float32Array) => Promise<void>
}

/** Overwrite `images` with ones within epsilon that raise a loss, in `adversary.steps` steps (N-FGSM, PGD). */
export async function raiseLoss(images: Float32Array, { adversary, random, gradient }: RaiseLossInit): Promise<void> {
  const perturbation = new Perturbation(images, adversary, random)
  const dx = new Float32Array(images.length)
  perturbation.show(images)
  for (let step = 0; step < adversary.steps; step++) {
    await gradient(dx)
    perturbation.stepUp(dx)
    perturbation.show(images)
  }
}
