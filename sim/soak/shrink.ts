import { NetError } from '../../base/errors.ts'
import { type PlayInit, playPlan } from './play.ts'
import type { Action, Plan } from './plan.ts'

/** How hard to look for a shorter history. */
export interface ShrinkInit extends PlayInit {
  /** Histories to play at most. */
  readonly most?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (actions: number) => void
}

/**
 * A shorter plan that breaks the same invariant: parts of the actions are left out, ever smaller ones, as long as the
 * violation stays (delta debugging, Zeller 1999).
 * @throws NetError `SCENARIO_INVALID` when the plan breaks nothing
 */
export async function shrinkPlan(
  plan: Plan,
  { most = 300, signal, onProgress, ...init }: ShrinkInit = {}
): Promise<Plan> {
  const broken = (await playPlan(plan, init)).violation?.invariant
  if (broken === undefined)
    throw new NetError('SCENARIO_INVALID', 'this plan breaks nothing, so there is nothing to shrink')
  let actions = plan.actions
  let played = 1
  const stillBroken = async (fewer: readonly Action[]): Promise<boolean> => {
    played++
    return (await playPlan({ ...plan, actions: fewer }, init)).violation?.invariant === broken
  }
  for (let parts = 2; actions.length > 1; ) {
    const size = Math.ceil(actions.length / parts)
    let shorter: readonly Action[] | undefined
    for (let from = 0; from < actions.length && shorter === undefined; from += size) {
      if (played >= most || signal?.aborted) return { ...plan, actions }
      const fewer = [...actions.slice(0, from), ...actions.slice(from + size)]
      if (fewer.length > 0 && (await stillBroken(fewer))) shorter = fewer
    }
    if (shorter !== undefined) {
      actions = shorter
      parts = Math.max(2, parts - 1)
      onProgress?.(actions.length)
    } else if (size === 1) break
    else parts = Math.min(actions.length, parts * 2)
  }
  return { ...plan, actions }
}
