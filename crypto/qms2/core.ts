import { planePlan, scramblePlanes, unscramblePlanes } from './bit-planes.ts'
import { confuse, unconfuse } from './confuse.ts'
import { diffuse, undiffuse } from './diffuse.ts'
import { logisticSineStream } from './logistic-sine.ts'
import { permute, unpermute } from './permute.ts'
import { chachaBytes } from './prg.ts'
import { quantumLogisticStream } from './quantum-logistic.ts'
import { BURN_IN_STEPS, type ChaosSeeds } from './seeds.ts'

/** The chaos core of QMS-2: stages 4 to 6 of the cipher, forward and back. It carries no security claim of its own. */
export interface ChaosCore {
  /**
   * Scramble, permute, diffuse and confuse `image`, and hand the result to `use`, whose answer is returned. The bytes
   * that `use` gets belong to the core and are gone afterwards.
   */
  scramble<T>(image: Uint8Array, seeds: ChaosSeeds, use: (scrambled: Uint8Array) => T): T
  /** Undo {@link scramble} in place. */
  unscramble(scrambled: Uint8Array, seeds: ChaosSeeds): void
}

/** The core in plain TypeScript, one stage after the other: slow, short, and what the fast core is compared with. */
export const typescriptCore: ChaosCore = Object.freeze({
  scramble<T>(image: Uint8Array, seeds: ChaosSeeds, use: (scrambled: Uint8Array) => T): T {
    const { permutation, diffusion, confusion } = keyStreams(seeds, image.length)
    const bytes = scramblePlanes(image, planePlan(seeds.henon, image.length))
    permute(bytes, wordsOf(permutation))
    diffuse(bytes, { words: diffusion, iv1: seeds.iv1, iv2: seeds.iv2 })
    confuse(bytes, wordsOf(confusion))
    return use(bytes)
  },
  unscramble(bytes: Uint8Array, seeds: ChaosSeeds): void {
    const { permutation, diffusion, confusion } = keyStreams(seeds, bytes.length)
    unconfuse(bytes, wordsOf(confusion))
    undiffuse(bytes, { words: diffusion, iv1: seeds.iv1, iv2: seeds.iv2 })
    unpermute(bytes, wordsOf(permutation))
    bytes.set(unscramblePlanes(bytes, planePlan(seeds.henon, bytes.length)))
  }
})

/** The words of the three maps. One ChaCha20 stream disturbs them, used up in the order of the stages. */
function keyStreams(seeds: ChaosSeeds, length: number): Record<'permutation' | 'diffusion' | 'confusion', Uint32Array> {
  const nextByte = chachaBytes(seeds.prgKey, seeds.prgNonce)
  return {
    permutation: draw(quantumLogisticStream(seeds.quantum, seeds.permutation, nextByte), Math.max(0, length - 1)),
    diffusion: draw(quantumLogisticStream(seeds.quantum, seeds.diffusion, nextByte), length),
    confusion: draw(logisticSineStream(seeds.sineR, seeds.sineX, nextByte), length)
  }
}

function draw(nextWord: () => number, count: number): Uint32Array {
  for (let step = 0; step < BURN_IN_STEPS; step++) nextWord()
  return Uint32Array.from({ length: count }, nextWord)
}

function wordsOf(words: Uint32Array): () => number {
  let next = 0
  return () => words[next++]
}
