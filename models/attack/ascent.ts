import { ATTACK_BATCH, type AttackBatch, copyPart } from './attack-batch.ts'

const MOMENTUM = 0.75 // share of the new step; the rest goes on as before
const ENOUGH_RISES = 0.75 // of the steps between two checkpoints
const FIRST_CHECKPOINT = 22 // percent of the run; then ever closer, down to 6
const CLOSER_BY = 3
const LEAST_GAP = 6

/** The steps of a run of `steps` at which Auto-PGD looks whether its step is too long. */
export function checkpointsOf(steps: number): ReadonlySet<number> {
  const found = new Set<number>()
  let gap = FIRST_CHECKPOINT
  for (let percent = gap; percent < 100; percent += gap) {
    found.add(Math.ceil((percent * steps) / 100))
    gap = Math.max(gap - CLOSER_BY, LEAST_GAP)
  }
  return found
}

/** The way of each image of a batch up its own loss, with a step length of its own. */
export class Ascent {
  readonly #batch: AttackBatch
  readonly #previous: Float32Array
  readonly #top: Float32Array
  readonly #topGradient: Float32Array
  readonly #gradient: Float32Array
  readonly #climbers: Climber[]
  #steps = 0
  #sinceCheckpoint = 0

  /** From where the batch is now. */
  constructor(batch: AttackBatch, stepSize: number) {
    this.#batch = batch
    this.#previous = batch.x.slice()
    this.#top = batch.x.slice()
    this.#gradient = batch.outputs.dx.data
    this.#topGradient = this.#gradient.slice()
    const none = Number.NEGATIVE_INFINITY
    this.#climbers = Array.from({ length: batch.count }, () => ({
      stepSize,
      last: none,
      top: none,
      rises: 0,
      topBefore: none,
      wasHalved: false
    }))
  }

  /** Take note of the losses where the images are now; the batch's outputs hold the gradients there. */
  see(losses: readonly number[]): void {
    this.#climbers.forEach((climber, at) => {
      if (losses[at] > climber.last) climber.rises++
      climber.last = losses[at]
      if (losses[at] <= climber.top) return
      climber.top = losses[at]
      copyPart(this.#batch.x, this.#top, at)
      copyPart(this.#gradient, this.#topGradient, at)
    })
    this.#sinceCheckpoint++
  }

  /** At a checkpoint: an image that rose too seldom, or not at all by the same step, goes back to its top and steps half as far. */
  adapt(): void {
    this.#climbers.forEach((climber, at) => {
      const isTooLong = climber.rises < ENOUGH_RISES * this.#sinceCheckpoint
      const isStuck = !climber.wasHalved && climber.top === climber.topBefore
      climber.wasHalved = isTooLong || isStuck
      climber.topBefore = climber.top
      climber.rises = 0
      if (!climber.wasHalved) return
      climber.stepSize /= 2
      climber.last = climber.top
      copyPart(this.#top, this.#batch.x, at)
      copyPart(this.#top, this.#previous, at)
      copyPart(this.#topGradient, this.#gradient, at)
    })
    this.#sinceCheckpoint = 0
  }

  /** One step up, with momentum after the first. */
  move(): void {
    const { x } = this.#batch
    const plane = x.length / ATTACK_BATCH
    const share = this.#steps === 0 ? 1 : MOMENTUM
    this.#climbers.forEach(({ stepSize }, at) => {
      for (let i = at * plane; i < (at + 1) * plane; i++) {
        const here = x[i]
        const stepped = this.#batch.within(i, here + stepSize * Math.sign(this.#gradient[i]))
        x[i] = this.#batch.within(i, here + share * (stepped - here) + (1 - share) * (here - this.#previous[i]))
        this.#previous[i] = here
      }
    })
    this.#steps++
  }
}

/** One image's state: lengths in 0..1, losses by the caller's scale. */
interface Climber {
  stepSize: number
  last: number
  top: number
  rises: number
  topBefore: number
  wasHalved: boolean
}
