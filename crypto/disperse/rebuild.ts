import { unzeroed } from '../../base/bytes.ts'
import type { RowKernel } from '../row-kernel.ts'
import type { RebuildPlan } from '../shadow-scheme.ts'
import { goodShadows } from '../shadows/good-shadows.ts'
import { verified } from '../shadows/rebuild.ts'
import { openContent } from '../shadows/sealed-shadows.ts'
import { SCHEME_IDS, type Shadow } from '../shadows/shadow-format.ts'

/**
 * The image from `threshold` opened shadows: join the key, decode, open.
 * @throws NetError `NOT_ENOUGH_SHADOWS`, or `IMAGE_CORRUPT` when the result does not have the image's digest
 */
export function gatherImage(shadows: readonly Shadow[], plan: RebuildPlan, kernel: RowKernel): Uint8Array {
  const good = goodShadows(shadows, { ...plan, scheme: SCHEME_IDS.disperse })
  const { sealed } = openContent(good, kernel)
  const image = unzeroed(plan.size)
  sealed.read(image)
  sealed.finish()
  return verified(image, plan.digest)
}
