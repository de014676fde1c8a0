import type { FileSource } from '../data/file-source.ts'
import { bootstrap, mean } from './bootstrap.ts'

/** The measures of the queries of one source, together or of one class. */
export interface SourceFigures {
  readonly source: FileSource
  /** Class index; left out: of all classes. */
  readonly label?: number
  readonly queries: number
  /** mAP@100 with its 95 % interval. */
  readonly map100: number
  readonly low: number
  readonly high: number
  /** The same under attack, where there was one. */
  readonly adversarialMap100?: number
}

/** What {@link figuresBySource} groups: for each query its source, its class, and its average precision at 100. */
export interface SourcedQueries {
  readonly sources: readonly FileSource[]
  readonly labels: Int32Array
  readonly clean: Float64Array
  readonly attacked?: Float64Array
}

/** Figures of each source that occurs, first of all its queries, then of each class. */
export function figuresBySource(queries: SourcedQueries): SourceFigures[] {
  const all = [...queries.sources.keys()]
  return [...new Set(queries.sources)].sort().flatMap(source => {
    const ofSource = all.filter(at => queries.sources[at] === source)
    const labels = [...new Set(ofSource.map(at => queries.labels[at]))].sort((a, b) => a - b)
    return [
      figuresOf(queries, ofSource, { source }),
      ...labels.map(label =>
        figuresOf(
          queries,
          ofSource.filter(at => queries.labels[at] === label),
          { source, label }
        )
      )
    ]
  })
}

function figuresOf(
  { clean, attacked }: SourcedQueries,
  members: readonly number[],
  group: Pick<SourceFigures, 'source' | 'label'>
): SourceFigures {
  const values = members.map(at => clean[at])
  return {
    ...group,
    queries: members.length,
    map100: mean(values),
    ...bootstrap(values),
    adversarialMap100: attacked && mean(members.map(at => attacked[at]))
  }
}
