import { NetError } from '../../base/errors.ts'
import { checkPair, type CryptoName } from '../cluster/cluster.ts'
import { REAL_DEFAULTS, type RealInit } from '../real/real-init.ts'

/** Ways in which holders fail. */
export const FAILURE_MODELS = Object.freeze(['independent', 'unequal', 'sites', 'drawn'] as const)

/** One of {@link FAILURE_MODELS}. */
export type FailureModelName = (typeof FAILURE_MODELS)[number]

/** What a Theorem 4 run measures, and on the real engine how its peers run. */
export interface Theorem4Config extends Required<RealInit> {
  /** `real`: libp2p peers; `virtual`: the same role code on virtual time; `counting`: coins only. */
  readonly engine: 'real' | 'virtual' | 'counting'
  /** The (r, s) pairs. */
  readonly pairs: readonly (readonly [r: number, s: number])[]
  /** Failure probabilities of a slave. */
  readonly p: readonly number[]
  /** Reads (or coin rows) a cell. */
  readonly trials: number
  /** How slaves fail: each alone; each with its own probability (p/2 to 3p/2); whole sites; exactly p N of N. */
  readonly models: readonly FailureModelName[]
  /** Probability with which each master fails in a trial of the role engines; counted apart. */
  readonly masterP: number
  readonly seed: string | number
  readonly masters: number
  readonly slaves: number
  readonly sites: number
  /** Images stored for each (r, s), by the role engines. */
  readonly images: number
  readonly imageBytes: number
  readonly crypto: CryptoName
}

const EVERY_P = Array.from({ length: 12 }, (_, k) => (k + 1) / 20) // 0.05 to 0.6

/** The defaults of a run, by engine: the paper's two pairs over p = 0.05 to 0.6; ten cells on real peers. */
export const THEOREM4_DEFAULTS: Readonly<Record<Theorem4Config['engine'], Theorem4Config>> = Object.freeze({
  counting: config('counting', {
    trials: 2_000_000,
    p: EVERY_P,
    pairs: [
      [2, 3],
      [6, 10],
      [3, 10],
      [10, 30]
    ]
  }),
  virtual: config('virtual', {
    trials: 20_000,
    p: EVERY_P,
    pairs: [
      [2, 3],
      [6, 10]
    ],
    crypto: 'twin'
  }),
  real: config('real', {
    trials: 200,
    p: [0.1, 0.2, 0.3, 0.45, 0.6],
    pairs: [
      [2, 3],
      [6, 10]
    ]
  })
})

function config(engine: Theorem4Config['engine'], init: Partial<Theorem4Config>): Theorem4Config {
  return {
    engine,
    pairs: [],
    p: [],
    trials: 1,
    models: ['independent'],
    masterP: 0,
    seed: 1,
    masters: 2,
    slaves: 40,
    sites: 10,
    images: 40,
    imageBytes: 64,
    crypto: 'reference',
    ...REAL_DEFAULTS,
    ...init
  }
}

/** Check that a run can be. @throws NetError `SCENARIO_INVALID` naming what cannot */
export function checkTheorem4(config: Theorem4Config): void {
  const { pairs, p, trials, masterP, slaves, engine, models } = config
  checkDistinct(
    'pairs',
    pairs.map(([r, s]) => `${r}/${s}`)
  )
  checkDistinct('p', p)
  checkDistinct('models', models)
  if (pairs.length === 0) throw new NetError('SCENARIO_INVALID', 'there must be at least one (r, s) pair')
  for (const [r, s] of pairs) checkPair(r, s, engine === 'counting' ? 255 : slaves)
  if (p.length === 0) throw new NetError('SCENARIO_INVALID', 'there must be at least one p')
  for (const value of [...p, masterP]) {
    if (!(value >= 0 && value <= 1)) {
      throw new NetError('SCENARIO_INVALID', `p must be a probability from 0 to 1, not ${value}`)
    }
  }
  if (masterP > 0 && engine === 'counting') {
    throw new NetError('SCENARIO_INVALID', 'master-p needs an engine with masters: virtual or real')
  }
  if (!Number.isInteger(trials) || trials < 1 || trials > 1e10) {
    throw new NetError('SCENARIO_INVALID', `trials must be a whole number from 1 to 1e10, not ${trials}`)
  }
  for (const model of models) {
    if (!FAILURE_MODELS.includes(model)) {
      throw new NetError('SCENARIO_INVALID', `models are ${FAILURE_MODELS.join(', ')}; not ${model}`)
    }
  }
  for (const name of ['processes', 'stores', 'latencyMs'] as const) {
    if (engine !== 'real' && config[name] !== REAL_DEFAULTS[name]) {
      throw new NetError('SCENARIO_INVALID', `${name} is of real peers: it needs the engine real`)
    }
  }
}

/** A cell that is measured twice would count twice in the verdict. */
function checkDistinct(name: string, values: readonly (string | number)[]): void {
  const twice = values.find((value, at) => values.indexOf(value) !== at)
  if (twice !== undefined) throw new NetError('SCENARIO_INVALID', `${name} names ${twice} twice`)
}
