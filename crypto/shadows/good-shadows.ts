import { NetError } from '../../base/errors.ts'
import type { RebuildPlan } from '../shadow-scheme.ts'
import { type ContentForm, declaredForm, formFor } from './content-form.ts'
import type { Shadow } from './shadow-format.ts'

/** What shadows are wanted for rebuilding. */
export interface Wanted extends RebuildPlan {
  readonly scheme: number
}

/** Shadows of one sharing and how their content is divided. */
export interface GoodShadows {
  readonly shadows: readonly Shadow[]
  readonly form: ContentForm
}

/**
 * `threshold` opened shadows of one sharing, lowest numbers first (they hold plain data fragments, which decode fastest).
 * Those of another image, sharing or scheme, or not of the form that size and threshold give, are left aside; repeated
 * numbers count once.
 * @throws NetError `NOT_ENOUGH_SHADOWS` with `have` and `need`
 */
export function goodShadows(shadows: readonly Shadow[], wanted: Wanted): GoodShadows {
  const good: Shadow[] = []
  let form: ContentForm | undefined
  for (const shadow of [...shadows].sort((a, b) => a.number - b.number)) {
    if (good.length === wanted.threshold) break
    if (good.at(-1)?.number === shadow.number) continue
    const own = formOf(shadow, wanted)
    if (own === undefined || (form !== undefined && !alike(own, form))) continue
    form ??= own
    good.push(shadow)
  }
  if (form === undefined || good.length < wanted.threshold) {
    const detail = { have: good.length, need: wanted.threshold }
    throw new NetError('NOT_ENOUGH_SHADOWS', `${detail.need} shadows are needed, ${detail.have} are good`, { detail })
  }
  return { shadows: good, form }
}

/** How a shadow's content is divided, or undefined when it is none of those wanted. */
function formOf(shadow: Shadow, wanted: Wanted): ContentForm | undefined {
  const { image, sharing, scheme } = wanted
  if (shadow.image !== image || shadow.sharing !== sharing || shadow.scheme !== scheme) return undefined
  const form = shadow.declared === undefined ? formFor(wanted) : declaredForm(wanted, shadow.declared)
  const fits = form !== undefined && shadow.content.length === form.blocks * form.blockSide + form.fragmentBytes
  return fits ? form : undefined
}

function alike(a: ContentForm, b: ContentForm): boolean {
  return a.version === b.version && a.blockSide === b.blockSide
}
