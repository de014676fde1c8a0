import { z } from 'zod'
import { NetError } from '../../base/errors.ts'
import { CRYPTO_NAMES } from '../cluster/cluster.ts'
import { PROCESSES, REAL_DEFAULTS, STORES } from '../real/real-init.ts'
import { judge } from './cells.ts'
import { FAILURE_MODELS, type Theorem4Config } from './config.ts'
import type { Theorem4Result } from './run.ts'

const count = z.int().min(0)
const share = z.number().min(0).max(1)

const cell = z.object({
  r: z.int().min(2),
  s: z.int().max(255),
  p: share,
  trials: count,
  failures: count,
  low: share,
  high: share,
  exact: share,
  printed: share
})

const resultSchema = z.object({
  kind: z.literal('theorem4'),
  version: z.string(),
  config: z.object({
    engine: z.enum(['real', 'virtual', 'counting']),
    pairs: z.array(z.tuple([count, count])),
    p: z.array(share),
    trials: count,
    models: z.array(z.enum(FAILURE_MODELS)),
    masterP: share,
    seed: z.union([z.string(), z.number()]),
    masters: count,
    slaves: count,
    sites: count,
    images: count,
    imageBytes: count,
    crypto: z.enum(CRYPTO_NAMES),
    stores: z.enum(STORES).default(REAL_DEFAULTS.stores), // older results have none of the three
    processes: z.enum(PROCESSES).default(REAL_DEFAULTS.processes),
    latencyMs: z.number().min(0).default(REAL_DEFAULTS.latencyMs)
  }),
  cells: z.array(cell.refine(({ r, s, trials, failures }) => r <= s && failures <= trials, 'counts that cannot be')),
  others: z.array(cell.extend({ model: z.enum(FAILURE_MODELS), binomial: share })),
  apart: z.object({
    mastersDown: z.object({ trials: count, failures: count, expected: share }),
    remainderLost: count
  }),
  complete: z.boolean()
})

/** What a kept `result.json` holds, judged again. @throws NetError `RESULT_INVALID` naming the first thing that is wrong */
export function parseTheorem4Result(json: object): {
  config: Theorem4Config
  result: Theorem4Result
  version: string
} {
  const parsed = resultSchema.safeParse(json)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new NetError('RESULT_INVALID', `not a theorem4 result: ${path.join('.')}: ${message}`)
  }
  const { config, version, cells, others, apart, complete } = parsed.data
  return { config, version, result: { cells, others, apart, verdict: judge(cells), complete } }
}
