import { isNetError, NetError } from '../../base/errors.ts'
import type { SharingPlan } from '../shadow-scheme.ts'
import { openShadow } from './mac.ts'
import { readShadow, type Shadow } from './shadow-format.ts'
import { fragmentBytes } from './sealed-fragments.ts'

/** What shadows are wanted for rebuilding. */
export interface Wanted extends Omit<SharingPlan, 'total'> {
  readonly scheme: number
}

/**
 * `threshold` good shadows of one sharing, lowest numbers first (they hold plain data fragments, which decode fastest).
 * Those of bad form, MAC, image, sharing or scheme, or of a size that does not fit the threshold, are left aside;
 * repeated numbers count once. Each shadow is checked once, and none after enough are found.
 * @throws NetError `NOT_ENOUGH_SHADOWS` with `have` and `need`
 */
export function goodShadows(shadows: readonly Uint8Array[], wanted: Wanted): Shadow[] {
  const good: Shadow[] = []
  const candidates = shadows.flatMap(bytes => readable(bytes)).sort((a, b) => a.number - b.number)
  for (const candidate of candidates) {
    if (good.length === wanted.threshold) break
    if (good.at(-1)?.number === candidate.number || !fits(candidate, good[0], wanted.threshold)) continue
    if (isGood(candidate, wanted)) good.push(candidate)
  }
  if (good.length < wanted.threshold) {
    const detail = { have: good.length, need: wanted.threshold }
    throw new NetError('NOT_ENOUGH_SHADOWS', `${detail.need} shadows are needed, ${detail.have} are good`, { detail })
  }
  return good
}

function readable(bytes: Uint8Array): Shadow[] {
  try {
    return [readShadow(bytes)]
  } catch (error) {
    if (isNetError(error, 'SHADOW_CORRUPT')) return []
    throw error
  }
}

function fits(shadow: Shadow, first: Shadow | undefined, threshold: number): boolean {
  if (first !== undefined && (shadow.extent !== first.extent || shadow.blockSide !== first.blockSide)) return false
  return shadow.fragment.length === fragmentBytes(shadow, threshold)
}

function isGood(shadow: Shadow, wanted: Wanted): boolean {
  try {
    openShadow(shadow.bytes, { ...wanted, number: shadow.number })
    return true
  } catch (error) {
    if (isNetError(error, 'SHADOW_CORRUPT')) return false
    throw error
  }
}
