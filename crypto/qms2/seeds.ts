import { createHmac } from 'node:crypto'
import { deriveKey } from '../derive.ts'
import { mulhi } from './fixed-point.ts'
import type { HenonState } from './henon.ts'
import {
  type QuantumLogisticParameters,
  type QuantumLogisticState,
  quantumLogisticParameters
} from './quantum-logistic.ts'

/** Steps each map makes before its first word is used. */
export const BURN_IN_STEPS = 256

/** The keys of one image, made of the consortium's key and the image's nonce. */
export interface ImageKeys {
  readonly siv: Uint8Array
  readonly chaos: Uint8Array
  readonly aead: Uint8Array
  /** The AEAD's 12-byte nonce: its key is fresh for every image, so a derived nonce never repeats under one key. */
  readonly aeadNonce: Uint8Array
}

/** Everything the chaos core starts from. */
export interface ChaosSeeds {
  readonly prgKey: Uint8Array
  readonly prgNonce: Uint8Array
  readonly quantum: QuantumLogisticParameters
  readonly permutation: QuantumLogisticState
  readonly diffusion: QuantumLogisticState
  readonly sineR: number
  readonly sineX: number
  readonly henon: HenonState
  /** The bytes before the first (iv1) and after the last (iv2) one in diffusion. */
  readonly iv1: number
  readonly iv2: number
}

/** The keys of the image with this 24-byte nonce under the consortium's image key. */
export function imageKeys(key: Uint8Array, nonce: Uint8Array): ImageKeys {
  const derive = (use: string, length = 32): Uint8Array => deriveKey(key, { salt: nonce, info: `QMS2/${use}`, length })
  return { siv: derive('siv'), chaos: derive('chaos'), aead: derive('aead'), aeadNonce: derive('nonce', 12) }
}

/** The synthetic IV: a keyed digest of the image, so that the chaos depends on every bit of it. 32 bytes. */
export function syntheticIv(sivKey: Uint8Array, associated: Uint8Array, image: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', sivKey).update(associated).update(image).digest())
}

/** The seed schedule: 96 bytes from HKDF, cut in this order, each number mapped into the box in which its map lives. */
export function chaosSeeds(chaosKey: Uint8Array, siv: Uint8Array): ChaosSeeds {
  const seed = deriveKey(chaosKey, { salt: siv, info: 'QMS2/seed', length: 96 })
  const view = new DataView(seed.buffer)
  let at = 32
  const between = (least: number, most: number): number => {
    const word = view.getUint32(at, true)
    at += 4
    return least + mulhi(word, most - least + 1)
  }
  const state = (): QuantumLogisticState => ({
    x: between(429_496_730, 3_865_470_565), // 0.1 to 0.9
    y: between(0, 42_949_671), // below 0.01
    z: between(0, 85_899_345) // below 0.02
  })
  return {
    prgKey: seed.subarray(0, 32),
    prgNonce: siv.subarray(0, 12),
    quantum: quantumLogisticParameters(
      between(4_187_593_113, 4_294_859_921), // r from 3.9 to 3.9999
      between(1_440_801, 10_646_160) // beta from 8 to 6
    ),
    permutation: state(),
    diffusion: state(),
    sineX: between(429_496_730, 3_865_470_565),
    sineR: between(536_870_912, 4_294_967_295), // r from 0.5 to below 4, where the Lyapunov exponent is 0.69
    henon: {
      x: between(0, 53_687_090) - 26_843_545, // |x| below 0.1
      y: between(0, 26_843_544) - 13_421_772 // |y| below 0.05
    },
    iv1: seed[at],
    iv2: seed[at + 1]
  }
}
