import { NetError } from '../../base/errors.ts'
import type { RebuildPlan } from '../shadow-scheme.ts'
import { fragmentBytes } from './sealed-fragments.ts'
import type { Shadow } from './shadow-format.ts'

/** What shadows are wanted for rebuilding. */
export interface Wanted extends RebuildPlan {
  readonly scheme: number
}

/**
 * `threshold` opened shadows of one sharing, lowest numbers first (they hold plain data fragments, which decode fastest).
 * Those of another image, sharing or scheme, or of a size that does not fit the threshold, are left aside; repeated
 * numbers count once.
 * @throws NetError `NOT_ENOUGH_SHADOWS` with `have` and `need`
 */
export function goodShadows(shadows: readonly Shadow[], wanted: Wanted): Shadow[] {
  const good: Shadow[] = []
  for (const shadow of [...shadows].sort((a, b) => a.number - b.number)) {
    if (good.length === wanted.threshold) break
    if (good.at(-1)?.number !== shadow.number && fits(shadow, good[0], wanted)) good.push(shadow)
  }
  if (good.length < wanted.threshold) {
    const detail = { have: good.length, need: wanted.threshold }
    throw new NetError('NOT_ENOUGH_SHADOWS', `${detail.need} shadows are needed, ${detail.have} are good`, { detail })
  }
  return good
}

function fits(shadow: Shadow, first: Shadow | undefined, { image, sharing, scheme, threshold }: Wanted): boolean {
  if (shadow.image !== image || shadow.sharing !== sharing || shadow.scheme !== scheme) return false
  if (first !== undefined && (shadow.extent !== first.extent || shadow.blockSide !== first.blockSide)) return false
  return shadow.fragment.length === fragmentBytes(shadow, threshold)
}
