import { z } from 'zod'
import { NetError } from '../../base/errors.ts'
import { faultNamed } from '../faults/faults.ts'
import { type Plan, WORK_VERBS } from './plan.ts'

const share = z.number().min(0).max(1)

const planSchema = z.strictObject({
  format: z.literal(1),
  seed: z.union([z.string(), z.number()]),
  masters: z.int().min(1).max(16),
  slaves: z.int().min(3).max(1000),
  sites: z.int().min(1).max(1000),
  link: z
    .strictObject({
      latencyMs: z.number().min(0),
      jitterMs: z.number().min(0),
      bytesPerSecond: z.number().positive(),
      loss: share,
      duplication: share,
      reordering: share
    })
    .partial(),
  skewMs: z.number().min(0),
  actions: z
    .array(
      z.strictObject({
        atMs: z.number().min(0).max(1e9),
        verb: z.string(),
        peer: z.int().min(0).optional(),
        value: z.number().min(0).optional()
      })
    )
    .max(1_000_000)
})

/** A plan from outside. @throws NetError `SCENARIO_INVALID` naming the first thing that is wrong */
export function parsePlan(text: string): Plan {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new NetError('SCENARIO_INVALID', 'a plan is JSON', { cause })
  }
  const parsed = planSchema.safeParse(json)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new NetError('SCENARIO_INVALID', `not a plan of format 1: ${path.join('.') || 'all of it'}: ${message}`)
  }
  const plan = parsed.data
  const peers = plan.masters + plan.slaves
  for (const { verb, peer = 0, value = 0 } of plan.actions) {
    if (!WORK_VERBS.some(work => work === verb)) faultNamed(verb)
    else if (!Number.isInteger(value)) {
      throw new NetError('SCENARIO_INVALID', `the value of ${verb} must be a whole number, not ${value}`)
    }
    if (peer >= peers) {
      throw new NetError('SCENARIO_INVALID', `there is no peer ${peer} in this plan, they are 0 to ${peers - 1}`)
    }
  }
  return { ...plan, actions: plan.actions.toSorted((a, b) => a.atMs - b.atMs) }
}
