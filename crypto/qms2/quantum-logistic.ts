import { fmix32, mulhi, mulhs, rotateLeft } from './fixed-point.ts'

/** r and e^-beta of the quantum logistic map, and what is computed of them once. */
export interface QuantumLogisticParameters {
  /** R = floor(r·2^30). */
  readonly r: number
  /** ER = floor(r·e^-beta·2^32). */
  readonly er: number
  /** E2 = floor(e^-2beta·2^32). */
  readonly e2: number
}

/** Where the map stands: x (unsigned word), y and z (signed, units of 2^-32). */
export interface QuantumLogisticState {
  readonly x: number
  readonly y: number
  readonly z: number
}

/** The map's parameters from R = floor(r·2^30) and E = floor(e^-beta·2^32). */
export function quantumLogisticParameters(r: number, e: number): QuantumLogisticParameters {
  return { r, er: mulhi(r, 4 * e), e2: mulhi(e, e) }
}

/**
 * One step of the 3D quantum logistic map (Goggin, Sundaram, Milonni 1990) with real start values, in fixed point:
 * x' = r(x - x^2) - ry; y' = -y e^-2b + e^-b r[(2 - 2x)y - 2xz]; z' = -z e^-2b + e^-b r[2(1 - x)z - 2xy - x].
 */
export function quantumLogisticStep(
  { r, er, e2 }: QuantumLogisticParameters,
  { x, y, z }: QuantumLogisticState
): QuantumLogisticState {
  const notX = 0xffffffff - x
  const u = mulhi(x, notX) // x(1 - x), below 2^30
  return {
    x: (mulhi(r, 4 * u) - mulhs(r, 4 * y)) >>> 0,
    y: (mulhs(er, 2 * (mulhs(notX, y) - mulhs(x, z))) - mulhs(e2, y)) | 0,
    z: (mulhs(er, 2 * (mulhs(notX, z) - mulhs(x, y))) - mulhi(er, x) - mulhs(e2, z)) | 0
  }
}

/** The 32 bits that a state gives to the key stream. */
export function quantumLogisticWord({ x, y, z }: QuantumLogisticState): number {
  return fmix32(x ^ Math.imul(y, 0x9e3779b1) ^ rotateLeft(z >>> 0, 13))
}

/**
 * The map's key stream: every call makes one step and gives its word. One byte of `nextByte` disturbs x before each
 * step, because the undisturbed map repeats itself after some ten thousand steps.
 */
export function quantumLogisticStream(
  parameters: QuantumLogisticParameters,
  start: QuantumLogisticState,
  nextByte: () => number
): () => number {
  let state = start
  return () => {
    state = quantumLogisticStep(parameters, { ...state, x: (state.x ^ nextByte()) >>> 0 })
    return quantumLogisticWord(state)
  }
}
