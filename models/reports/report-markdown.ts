import type { SourceFigures } from '../evaluate/by-source.ts'
import { type AtCutoffs, CUTOFFS } from '../evaluate/measure-retrieval.ts'
import type { NamedEvaluation, ReportHead } from './named-evaluation.ts'

const KS = CUTOFFS.map(String)
const AT = KS.map(k => (k === 'all' ? k : `@${k}`))

/** The text of a report: clean queries, further measures, classes, attacks, and where the curves are. */
export function reportMarkdown({ title, about }: ReportHead, evaluations: readonly NamedEvaluation[]): string {
  const clean = cleanOnly(evaluations)
  const attacked = evaluations.filter(({ evaluation }) => evaluation.attack !== undefined)
  const [first] = clean
  return [
    `# ${title}`,
    ...about,
    'Tie-aware mAP with divisor min(R, k); intervals of 95 % by bootstrap over queries. In brackets: the cell of the paper for the same data set, training, code length and k (Tables 5 to 7), where it has one.',
    '## Clean queries',
    table(
      ['model', 'bits', 'queries', 'database', ...AT.map(k => `mAP ${k}`), '95 % (@100)', 'chance'],
      clean.map(cleanRow)
    ),
    '## Other measures',
    table(['model', 'bits', 'measure', ...AT], clean.flatMap(otherRows)),
    '## By class (mAP@100)',
    table(['model', 'bits', ...(first?.evaluation.classes ?? []), 'mean'], clean.map(classRow)),
    ...sourceSection(evaluations),
    ...(attacked.length === 0 ? [] : attackSection(attacked)),
    '## Curves',
    '![Precision and recall](precision-recall.svg)',
    '![Precision among the first k](precision-at-k.svg)',
    ''
  ].join('\n\n')
}

/** One evaluation for each model and length: attacks on the same queries repeat the clean measures. */
export function cleanOnly(evaluations: readonly NamedEvaluation[]): NamedEvaluation[] {
  const byKey = new Map<string, NamedEvaluation>()
  for (const named of evaluations) {
    const key = `${named.name} ${named.evaluation.bits}`
    if (!byKey.has(key)) byKey.set(key, named)
  }
  return [...byKey.values()]
}

function cleanRow({ name, evaluation, paper }: NamedEvaluation): string[] {
  const { bits, queries, database, map, low, high, chance } = evaluation
  const cells = KS.map(k => withPaper(map[k], paper?.map[k]))
  return [name, `${bits}`, `${queries}`, `${database}`, ...cells, interval(low, high), round(chance)]
}

function otherRows({ name, evaluation, heldMap }: NamedEvaluation): string[][] {
  const { bits, foundNormalisedMap, precision } = evaluation
  const row = (measure: string, values: AtCutoffs): string[] => [
    name,
    `${bits}`,
    measure,
    ...KS.map(k => round(values[k]))
  ]
  return [
    row('mAP, found-normalised', foundNormalisedMap),
    row('precision', precision),
    ...(heldMap === undefined ? [] : [row('mAP among the queries themselves', heldMap)])
  ]
}

function classRow({ name, evaluation }: NamedEvaluation): string[] {
  const { bits, classes, perClass, macroMap } = evaluation
  const cells = classes.map((_, label) => (String(label) in perClass ? round(perClass[label]) : ''))
  return [name, `${bits}`, ...cells, round(macroMap)]
}

/** mAP@100 by source and class, with the number of queries; a row more for each attack. */
function sourceSection(evaluations: readonly NamedEvaluation[]): string[] {
  const rows = [
    ...cleanOnly(evaluations).flatMap(named => sourceRows(named, 'clean', ({ map100 }) => map100)),
    ...evaluations
      .filter(({ evaluation }) => evaluation.attack !== undefined)
      .flatMap(named => sourceRows(named, attackLabel(named), ({ adversarialMap100 }) => adversarialMap100))
  ]
  if (rows.length === 0) return []
  const classes = evaluations[0].evaluation.classes
  return [
    '## By source and class (mAP@100, queries)',
    'A source is how the file has its pixels: colour or one grey plane.',
    table(['model', 'bits', 'queries', 'source', 'all', ...classes], rows)
  ]
}

function sourceRows(
  { name, evaluation }: NamedEvaluation,
  what: string,
  measure: (figures: SourceFigures) => number | undefined
): string[][] {
  const { bits, bySource = [], classes } = evaluation
  return [...new Set(bySource.map(({ source }) => source))].map(source => {
    const cells = [undefined, ...classes.keys()].map(label => {
      const found = bySource.find(figures => figures.source === source && figures.label === label)
      const value = found && measure(found)
      return found === undefined || value === undefined ? '' : `${round(value)} (${found.queries})`
    })
    return [name, `${bits}`, what, source, ...cells]
  })
}

/** An attack by its name and size. */
export function attackLabel({ evaluation: { attack }, attackName }: NamedEvaluation): string {
  return `${attackName ?? attack?.goal} ${pixelShare(attack?.epsilon ?? 0)}`
}

function attackSection(attacked: readonly NamedEvaluation[]): string[] {
  const head = [
    'model',
    'bits',
    'attack',
    'epsilon',
    'steps',
    'restarts',
    'queries',
    'clean mAP@100',
    'attacked mAP@100'
  ]
  const rest = ['95 %', 'attacked, all', 't-mAP@100', 'mean largest change', 'mean squared change']
  return [
    '## Attacked queries',
    "Changes of a pixel in 0 to 1. t-mAP scores the list by the attack's target class: its success. In brackets, beside targeted attacks, the paper's cells of Tables 8 to 10 (ten images; its k, epsilon and steps are not given).",
    table([...head, ...rest], attacked.map(attackRow))
  ]
}

function attackRow({ name, evaluation, attackName, paper }: NamedEvaluation): string[] {
  const { bits, map, adversarialMap, adversarialLow = 0, adversarialHigh = 0, targetedMap, attack } = evaluation
  if (attack === undefined || adversarialMap === undefined) return [name, `${bits}`]
  const { goal, epsilon, steps, restarts, queries, meanLargestChange, meanSquaredChange } = attack
  const cells = (attackName ?? goal) === 'targeted' ? paper : undefined // what the paper's attack was
  return [
    name,
    `${bits}`,
    attackName ?? goal,
    pixelShare(epsilon),
    `${steps}`,
    `${restarts}`,
    `${queries}`,
    withPaper(map['100'], cells?.normal),
    withPaper(adversarialMap['100'], cells?.attacked),
    interval(adversarialLow, adversarialHigh),
    round(adversarialMap.all),
    targetedMap === undefined ? '' : round(targetedMap['100']),
    meanLargestChange.toFixed(4),
    meanSquaredChange.toExponential(2)
  ]
}

/** Epsilon as it is given: in steps of a byte where it is a whole number of them. */
function pixelShare(epsilon: number): string {
  const bytes = epsilon * 255
  return Math.abs(bytes - Math.round(bytes)) < 1e-6 ? `${Math.round(bytes)}/255` : epsilon.toFixed(4)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function withPaper(value: number, cell: number | undefined): string {
  return cell === undefined ? round(value) : `${round(value)} (${cell.toFixed(2)})`
}

function interval(low: number, high: number): string {
  return `${round(low)} to ${round(high)}`
}

function round(value: number): string {
  return value.toFixed(3)
}
