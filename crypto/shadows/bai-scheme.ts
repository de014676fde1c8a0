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
  /** WebAssembly, or the plain TypeScript that it is tested against, 50 to 90 times slower. */
  readonly engine?: 'wasm' | 'script'
}

/** The fast engine. */
export const BAI_SCHEME_DEFAULTS: Required<BaiSchemeInit> = Object.freeze({ engine: 'wasm' })

const KERNELS = Object.freeze({
  wasm: { blockKernel: wasmBlockKernel, rowKernel: wasmRowKernel },
  script: { blockKernel: scriptBlockKernel, rowKernel: scriptRowKernel }
})

const MAX_THRESHOLD = MAX_BLOCK_SIDE - 2

/** The scheme of the paper: Bai's matrix projection modulo 257, remainders sealed and dispersed. Name `bai`. */
export function baiScheme(init: BaiSchemeInit = {}): ShadowScheme {
  const kernels = KERNELS[withDefaults(BAI_SCHEME_DEFAULTS, init).engine]
  return Object.freeze<ShadowScheme>({
    name: 'bai',
    maxThreshold: MAX_THRESHOLD,
    make: (encrypted, plan) => {
      checkPlan(plan, MAX_THRESHOLD)
      return makeShadows(encrypted, plan, kernels)
    },
    open: (shadow, claim) => openShadow(shadow, { ...claim, scheme: SCHEME_IDS.bai }),
    rebuild: (shadows: readonly Shadow[], plan) => {
      checkWhole('threshold', plan.threshold, 2, MAX_THRESHOLD)
      return rebuildImage(shadows, plan, kernels)
    }
  })
}
