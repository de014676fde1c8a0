/** What the optimiser remembers, one entry for each weight. */
export interface AdamState {
  readonly first: Float32Array
  readonly second: Float32Array
}

/** One step's settings. */
export interface AdamStep {
  /** Number of this step, from 1. */
  readonly step: number
  readonly learningRate: number
  /** Pull of decayed weights towards 0 (decoupled, Loshchilov and Hutter 2019). */
  readonly weightDecay: number
  /** Which weights decay: 1 or 0 each. */
  readonly decayed: Uint8Array
  /** The gradient is scaled down to at most this norm. */
  readonly clipNorm: number
}

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

/** One AdamW step over the flat vectors, in place. @returns the norm of the gradient before clipping */
export function adamStep(
  weights: Float32Array,
  gradient: Float32Array,
  { state: { first, second }, by }: { state: AdamState; by: AdamStep }
): number {
  let squares = 0
  for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i]
  const norm = Math.sqrt(squares)
  const factor = norm > by.clipNorm ? by.clipNorm / norm : 1
  const rate = by.learningRate / (1 - BETA1 ** by.step)
  const unbias = 1 / Math.sqrt(1 - BETA2 ** by.step)
  const decay = by.learningRate * by.weightDecay
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] * factor
    const m = BETA1 * first[i] + (1 - BETA1) * g
    const v = BETA2 * second[i] + (1 - BETA2) * g * g
    first[i] = m
    second[i] = v
    weights[i] -= (rate * m) / (Math.sqrt(v) * unbias + EPSILON) + decay * by.decayed[i] * weights[i]
  }
  return norm
}

/** Move the running average of the weights towards them: decay `most`, less in the first steps. */
export function averageStep(
  average: Float32Array,
  weights: Float32Array,
  { step, most }: { step: number; most: number }
): void {
  const share = 1 - Math.min(most, (1 + step) / (10 + step))
  for (let i = 0; i < average.length; i++) average[i] += share * (weights[i] - average[i])
}

/** Learning rate of `step`: a straight rise over the warm-up, then half a cosine down to 1 % of the top. */
export function cosineRate(
  step: number,
  { steps, warmup, top }: { steps: number; warmup: number; top: number }
): number {
  if (step < warmup) return (top * (step + 1)) / warmup
  const part = (step - warmup) / Math.max(1, steps - warmup)
  return top * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, part))))
}
