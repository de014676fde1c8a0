import type { Planted } from '../virtual/virtual-cluster.ts'
import { drawPlan, PLAN_DEFAULTS, type PlanInit } from './plan.ts'
import { playPlan, type Violation } from './play.ts'

/** How many histories, and how rough. */
export interface SoakInit extends Partial<PlanInit> {
  readonly firstSeed: number
  readonly seeds: number
  readonly planted?: Planted
  readonly signal?: AbortSignal
  readonly onProgress?: (share: number, what: string) => void
  readonly onViolation?: (seed: number, violation: Violation) => void
}

/** What a soak came to. */
export interface SoakResult {
  readonly seeds: number
  readonly virtualHours: number
  readonly events: number
  readonly stores: number
  /** Stores that were refused with a code, and left nothing. */
  readonly refusedStores: number
  readonly reads: number
  readonly refusedReads: number
  readonly deletions: number
  readonly violations: readonly (Violation & { readonly seed: number; readonly replay: string })[]
}

/** Play one random history a seed, and count. */
export async function runSoak(init: SoakInit): Promise<SoakResult> {
  const sum = {
    seeds: 0,
    virtualHours: 0,
    events: 0,
    stores: 0,
    refusedStores: 0,
    reads: 0,
    refusedReads: 0,
    deletions: 0
  }
  const violations: SoakResult['violations'][number][] = []
  const rough: PlanInit = { ...PLAN_DEFAULTS, ...definedOf(init) }
  for (let seed = init.firstSeed; seed < init.firstSeed + init.seeds && !init.signal?.aborted; seed++) {
    const { ledger, virtualMs, events, violation } = await playPlan(drawPlan(seed, rough), init)
    sum.seeds++
    sum.virtualHours += virtualMs / 3_600_000
    sum.events += events
    for (const name of ['stores', 'refusedStores', 'reads', 'refusedReads', 'deletions'] as const)
      sum[name] += ledger[name]
    if (violation !== undefined) {
      violations.push({ seed, ...violation, replay: replayCommand(seed, rough) })
      init.onViolation?.(seed, violation)
    }
    init.onProgress?.(sum.seeds / init.seeds, `seed ${seed}, ${violations.length} violations`)
  }
  return { ...sum, violations }
}

/** The one line that plays a seed's history again. */
export function replayCommand(seed: string | number, init: PlanInit = PLAN_DEFAULTS): string {
  const other = (Object.keys(PLAN_DEFAULTS) as (keyof PlanInit)[])
    .filter(name => init[name] !== PLAN_DEFAULTS[name])
    .map(name => ` --${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${init[name]}`)
  return `sfmedir sim replay --seed ${seed}${other.join('')}`
}

function definedOf(init: Partial<PlanInit>): Partial<PlanInit> {
  const names = Object.keys(PLAN_DEFAULTS) as (keyof PlanInit)[]
  return Object.fromEntries(names.filter(name => init[name] !== undefined).map(name => [name, init[name]]))
}
