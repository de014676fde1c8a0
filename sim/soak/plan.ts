import { FAULTS, faultNamed } from '../faults/faults.ts'
import type { LinkConditions } from '../virtual/link.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'

/** What the owner and the user do in a history. */
export const WORK_VERBS = Object.freeze(['store', 'read', 'search', 'delete', 'check'] as const)

/** One thing that happens in a history: work or a fault, at a virtual time. */
export interface Action {
  readonly atMs: number
  /** One of {@link WORK_VERBS} or a fault's. */
  readonly verb: string
  /** Which peer a fault hits: masters first, then slaves. */
  readonly peer?: number
  readonly value?: number
}

/** A history before it happens: plain data, so that it can be kept, cut shorter and played again. */
export interface Plan {
  readonly format: 1
  readonly seed: string | number
  readonly masters: number
  readonly slaves: number
  readonly sites: number
  readonly link: Partial<LinkConditions>
  readonly skewMs: number
  /** In order of time. */
  readonly actions: readonly Action[]
}

/** How long and how rough a random plan is. */
export interface PlanInit {
  readonly masters: number
  readonly slaves: number
  /** Virtual time during which things go wrong, in ms. */
  readonly roughMs: number
  readonly faults: number
  readonly works: number
}

/** Two masters and five slaves, a rough minute. */
export const PLAN_DEFAULTS: PlanInit = Object.freeze({ masters: 2, slaves: 5, roughMs: 60_000, faults: 10, works: 24 })

/** The plan of a seed: random work and random faults. */
export function drawPlan(seed: string | number, init: PlanInit = PLAN_DEFAULTS): Plan {
  const random = new SeededStream(`${seed}/plan`)
  const { masters, slaves, roughMs } = init
  const verbs = [...FAULTS.keys()]
  const actions: Action[] = []
  for (let k = 0; k < init.faults; k++) {
    const verb = random.pick(verbs)
    const fault = faultNamed(verb)
    const peer =
      fault.hits === 'slave'
        ? masters + random.below(slaves)
        : fault.hits === 'master'
          ? random.below(masters)
          : random.below(masters + slaves)
    actions.push({ atMs: 2_000 + random.below(roughMs), verb, peer, value: fault.value(random) })
  }
  for (let k = 0; k < init.works; k++) {
    const verb = random.pick(['store', 'store', 'store', 'read', 'read', 'search', 'delete'])
    actions.push({ atMs: random.below(roughMs), verb, value: random.below(1000) })
  }
  actions.push({ atMs: Math.round(roughMs * 0.6), verb: 'check' })
  const rough = random.unit() < 0.5
  const link = rough ? { loss: 0.01, duplication: 0.02, reordering: 0.05, latencyMs: random.pick([1, 8, 40]) } : {}
  actions.sort((a, b) => a.atMs - b.atMs)
  return { format: 1, seed, masters, slaves, sites: 3, link, skewMs: random.pick([0, 0, 2_000]), actions }
}
