import { failureProbability } from '../../node/placement/failure-probability.ts'
import { probability } from '../report/format-number.ts'
import { chiSquareFit, type Fit, LEAST_TAIL } from '../statistics/chi-square.ts'
import { printedFailureProbability } from '../statistics/printed-formula.ts'
import { wilsonInterval } from '../statistics/wilson.ts'
import type { FailureModelName } from './config.ts'

/** One (r, s, p) as measured, with its 95 % Wilson interval, beside the exact value and the paper's printed formula. */
export interface Theorem4Cell {
  readonly r: number
  readonly s: number
  readonly p: number
  readonly trials: number
  readonly failures: number
  readonly low: number
  readonly high: number
  readonly exact: number
  readonly printed: number
}

/** A cell of a model in which slaves do not fail alone and alike; `exact` is that model's, `binomial` Theorem 4's. */
export interface OtherCell extends Theorem4Cell {
  readonly model: FailureModelName
  readonly binomial: number
}

/** What was counted apart from the holders' failure, which is all that the paper's theorem counts. */
export interface CountedApart {
  /** Trials in which no master answered, and the probability of that: q^M. */
  readonly mastersDown: { readonly trials: number; readonly failures: number; readonly expected: number }
  /**
   * Images that were lost with their remainder while enough holders answered. Here the remainder is Reed-Solomon coded
   * inside the shadows, so it has no failure of its own; the paper never says where it lies.
   */
  readonly remainderLost: number
}

/** Counts of one cell. */
export interface CellCount {
  readonly model: FailureModelName
  readonly r: number
  readonly s: number
  readonly p: number
  readonly trials: number
  readonly failures: number
  /** The model's exact value, as a mean over the trials' holders. */
  readonly exact: number
}

/** A cell from its counts. */
export function cellOf({ r, s, p, trials, failures, exact }: CellCount): Theorem4Cell {
  // No master answered in any trial: nothing is known.
  const { low, high } = trials === 0 ? { low: 0, high: 1 } : wilsonInterval(failures, trials)
  return { r, s, p, trials, failures, low, high, exact, printed: printedFailureProbability(r, s, p) }
}

/** A cell of another model from its counts. */
export function otherCellOf(count: CellCount): OtherCell {
  return { ...cellOf(count), model: count.model, binomial: failureProbability(count.r, count.s, count.p) }
}

/** Which theory the data support. */
export interface Verdict {
  readonly exact: Fit
  readonly printed: Fit
  /** Cells whose 95 % interval holds the exact value. */
  readonly covered: number
  readonly cells: number
  /** One sentence. */
  readonly says: string
}

/** Judge both formulas by chi-square over all cells. */
export function judge(cells: readonly Theorem4Cell[]): Verdict {
  const exact = chiSquareFit(cells.map(({ trials, failures, exact }) => ({ trials, failures, expected: exact })))
  const printed = chiSquareFit(cells.map(({ trials, failures, printed }) => ({ trials, failures, expected: printed })))
  const covered = cells.filter(({ low, high, exact }) => low <= exact && exact <= high).length
  return { exact, printed, covered, cells: cells.length, says: sentence(exact, printed) }
}

/** The p value of a fit, for people: 0.160, 4.21e-9, < 1e-12. */
export function pValue({ p }: Fit): string {
  return p < LEAST_TAIL ? `< ${LEAST_TAIL}` : probability(p)
}

function sentence(exact: Fit, printed: Fit): string {
  const p = (fit: Fit): string => `p ${fit.p < LEAST_TAIL ? '' : '= '}${pValue(fit)}`
  const both = `exact binomial ${p(exact)}, formula as printed ${p(printed)}`
  if (exact.p > 0.01 && printed.p < 0.01)
    return `The data support the exact binomial and refute the printed formula (${both}).`
  if (exact.p < 0.01 && printed.p > 0.01)
    return `The data support the printed formula and refute the exact binomial (${both}).`
  return exact.p > 0.01
    ? `The data do not tell the two apart: more trials or other p are needed (${both}).`
    : `The data support neither (${both}).`
}
