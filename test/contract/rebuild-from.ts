import { isNetError } from '../../base/errors.ts'
import type { ShadowNumber } from '../../base/ids.ts'
import type { OpenedShadow, RebuildPlan, ShadowScheme } from '../../crypto/shadow-scheme.ts'

const NUMBER_AT = 7 // in the head of a shadow of any version

/** What whoever gathers shadows does: open those that open, each under the number it names, and rebuild from them. */
export function rebuildFrom(
  scheme: ShadowScheme,
  shadows: readonly Uint8Array[],
  plan: RebuildPlan & { readonly macKey: Uint8Array }
): Uint8Array {
  const opened = shadows.flatMap((shadow): OpenedShadow[] => {
    try {
      return [scheme.open(shadow, { ...plan, number: shadow[NUMBER_AT] as ShadowNumber })]
    } catch (error) {
      if (isNetError(error, 'SHADOW_CORRUPT')) return []
      throw error
    }
  })
  return scheme.rebuild(opened, plan)
}
