import { checkWhole, withDefaults } from '../../base/options.ts'
import { scriptRowKernel, wasmRowKernel } from '../row-kernel.ts'
import type { ShadowScheme } from '../shadow-scheme.ts'
import { openShadow } from './mac.ts'
import { makeShadows } from './make.ts'
import { rebuildImage } from './rebuild.ts'
import { scriptBlockKernel } from './script-block-kernel.ts'
import { checkPlan } from './sealed-shadows.ts'
import { MAX_BLOCK_SIDE, SCHEME_IDS, type Shadow } from './shadow-format.ts'
import { wasmBlockKernel } from './wasm-block-kernel.ts'

/** How a scheme works; what it makes does not depend on `engine`. */
export interface BaiSchemeInit {
  /** m: 8, 16, 24 or 32, or 'by-threshold'. Shadows made with any of these can be rebuilt whatever is set here. */
  readonly blockSide?: number | 'by-threshold'
  /** WebAssembly, or the plain TypeScript that it is tested against, 50 to 90 times slower. */
  readonly engine?: 'wasm' | 'script'
}

/** By the threshold: the paper leaves m open. */
export const BAI_SCHEME_DEFAULTS: Required<BaiSchemeInit> = Object.freeze({
  blockSide: 'by-threshold',
  engine: 'wasm'
})

const KERNELS = Object.freeze({
  wasm: { blockKernel: wasmBlockKernel, rowKernel: wasmRowKernel },
  script: { blockKernel: scriptBlockKernel, rowKernel: scriptRowKernel }
})

/**
 * m for a threshold: 8 to r = 6, 16 to 14, 32 to 30. P must leave room (r = m gives P = 1, which hides nothing): two
 * dimensions at least, so r <= m - 2. Larger blocks make smaller vectors but cost more draws (see MAX_DRAWS), so the
 * smallest that will do.
 */
export function blockSideFor(threshold: number): number {
  if (threshold <= 6) return 8
  return threshold <= 14 ? 16 : 32
}

/** The scheme of the paper: Bai's matrix projection modulo 257, remainders sealed and dispersed. Name `bai`. */
export function baiScheme(init: BaiSchemeInit = {}): ShadowScheme {
  const { blockSide, engine } = withDefaults(BAI_SCHEME_DEFAULTS, init)
  if (blockSide !== 'by-threshold' && ![8, 16, 24, 32].includes(blockSide)) {
    throw new RangeError('blockSide must be 8, 16, 24 or 32')
  }
  const maxThreshold = (blockSide === 'by-threshold' ? MAX_BLOCK_SIDE : blockSide) - 2
  const kernels = KERNELS[engine]
  return Object.freeze<ShadowScheme>({
    name: 'bai',
    maxThreshold,
    make: (encrypted, plan) => {
      checkPlan(plan, maxThreshold)
      const side = blockSide === 'by-threshold' ? blockSideFor(plan.threshold) : blockSide
      return makeShadows(encrypted, plan, { ...kernels, blockSide: side })
    },
    open: (shadow, claim) => openShadow(shadow, { ...claim, scheme: SCHEME_IDS.bai }),
    rebuild: (shadows: readonly Shadow[], plan) => {
      checkWhole('threshold', plan.threshold, 2, MAX_BLOCK_SIDE - 2)
      return rebuildImage(shadows, plan, kernels)
    }
  })
}
