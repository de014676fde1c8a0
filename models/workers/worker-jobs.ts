import type { Adversary } from '../attack/adversary.ts'
import type { AttackJob } from '../attack/attack-job.ts'
import type { Augmentation } from '../data/augment.ts'
import type { Codebook } from '../net/codebook.ts'
import type { DescribeJob } from '../net/describe-views.ts'
import type { InferJob } from '../net/infer-views.ts'

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

/** Result of a {@link StepJob}. */
export interface StepResult {
  readonly loss: number
}

/** What a worker can be asked. */
export type Job = PrepareJob | StepJob | InferJob | AttackJob | DescribeJob
