import { checkWhole } from '../../base/options.ts'
import { wasmRowKernel } from '../row-kernel.ts'
import type { ShadowScheme } from '../shadow-scheme.ts'
import { openShadow } from '../shadows/mac.ts'
import { checkPlan } from '../shadows/sealed-shadows.ts'
import { SCHEME_IDS, type Shadow } from '../shadows/shadow-format.ts'
import { disperseImage } from './make.ts'
import { gatherImage } from './rebuild.ts'

const MAX_THRESHOLD = 255

/** Encrypt, disperse, share the key (Krawczyk 1993): s/r of the image in all, the reference scheme. Name `disperse`. */
export function disperseScheme(): ShadowScheme {
  return Object.freeze<ShadowScheme>({
    name: 'disperse',
    maxThreshold: MAX_THRESHOLD,
    make: (encrypted, plan) => {
      checkPlan(plan, MAX_THRESHOLD)
      return disperseImage(encrypted, plan, wasmRowKernel)
    },
    open: (shadow, claim) => openShadow(shadow, { ...claim, scheme: SCHEME_IDS.disperse }),
    rebuild: (shadows: readonly Shadow[], plan) => {
      checkWhole('threshold', plan.threshold, 2, MAX_THRESHOLD)
      return gatherImage(shadows, plan, wasmRowKernel)
    }
  })
}
