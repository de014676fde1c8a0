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
