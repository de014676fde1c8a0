import type { Evaluation } from '../evaluate/evaluate.ts'
import type { AtCutoffs } from '../evaluate/measure-retrieval.ts'
import type { PaperCells } from './paper-tables.ts'

/** One evaluation under the name it has in the report. */
export interface NamedEvaluation {
  /** The model's. */
  readonly name: string
  readonly evaluation: Evaluation
  /** What to call the attack; left out: by its goal. */
  readonly attackName?: string
  /** mAP among the queries themselves, where it was measured. */
  readonly heldMap?: AtCutoffs
  /** The paper's cells for the same figures, where it has them. */
  readonly paper?: PaperCells
}

/** What stands above the figures of a report. */
export interface ReportHead {
  readonly title: string
  /** Paragraphs: data, split, command. */
  readonly about: readonly string[]
}
