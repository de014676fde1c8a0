// Writes the tables of figures into models/README.md and README.md from models/weights/manifest.json, where
// scripts/measure-model.ts put them. node scripts/write-model-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest, shippedModels } from '../hashing/manifest.ts'
import { paperCells } from '../models/reports/paper-tables.ts'

interface Cell {
  readonly map: Readonly<Record<string, number>>
  readonly low: number
  readonly high: number
}

interface Attack {
  readonly goal: string
  readonly epsilon: string
  readonly steps: number
  readonly restarts: number
  readonly queries: number
  readonly clean100: number
  readonly map100: number
  readonly low: number
  readonly high: number
  readonly targetedMap100?: number
}

type Shown = Pick<Attack, 'map100' | 'low' | 'high'>

interface Figures {
  readonly clean: Readonly<Record<string, Cell>>
  readonly databaseHeld16: { readonly map100: number }
  /** Left out in figures that were measured before there was this one. */
  readonly withoutCopies16?: { readonly queries: number; readonly map100: number }
  readonly withoutNearDuplicates16?: { readonly queries: number; readonly map100: number }
  readonly attacks: readonly Attack[]
}

const ROOT = join(import.meta.dirname, '..')
const SETS = ['t-mri', 'a-mri', 'k-ct', 'joint']

const models = (await readManifest(shippedModels())).models.map(({ name, figures }) => ({
  name,
  figures: figures as Figures // written by measure-model.ts
}))
const clean = table(
  [
    'model',
    'without copies (16)',
    '8 bits',
    '16 bits',
    '32 bits',
    '64 bits',
    '95 % (16)',
    'all (16)',
    'held (16)',
    'without near duplicates (16)'
  ],
  models.map(({ name, figures }) => cleanRow(name, figures))
)
const attacked = table(
  ['model', 'attack', 'epsilon', 'queries', 'clean', 'attacked mAP@100', '95 %', 't-mAP@100'],
  models.flatMap(({ name, figures }) => figures.attacks.map(attack => attackRow(name, attack)))
)
const summary = table(
  ['set', 'clean model', 'robust model', 'robust model, targeted attack', 'robust model, untargeted attack'],
  SETS.map(summaryRow)
)
write('models/README.md', { clean, attacked })
write('README.md', { retrieval: summary })

/** One set: each figure with its interval, and the paper's cell at 16 bits in brackets where it has one. */
function summaryRow(set: string): string[] {
  const clean = figuresOf(set === 'joint' ? 'joint-clean' : set)
  const robust = figuresOf(`${set}-robust`)
  const paper = paperCells(set, { robust: true, bits: 16 })
  return [
    set,
    withInterval(cleanCell(clean), paperCells(set, { robust: false, bits: 16 })?.map['100']),
    withInterval(cleanCell(robust), paper?.map['100']),
    withInterval(attackOf(robust, 'targeted'), paper?.attacked),
    withInterval(attackOf(robust, 'untargeted'))
  ]
}

function figuresOf(name: string): Figures {
  const model = models.find(candidate => candidate.name === name)
  if (model === undefined) throw new Error(`no model is named ${name}`)
  return model.figures
}

function cleanCell({ clean }: Figures): Shown {
  const { map, low, high } = clean['16']
  return { map100: map['100'], low, high }
}

function attackOf({ attacks }: Figures, goal: string): Shown {
  const tried = attacks.filter(attack => attack.goal.split(',')[0] === goal && attack.epsilon === '8/255')
  const [attack] = tried.sort((a, b) => a.map100 - b.map100) // the strongest counts
  if (attack === undefined) throw new Error(`no ${goal} attack of 8/255 was measured`)
  return attack
}

function withInterval({ map100, low, high }: Shown, paper?: number): string {
  return `${show(map100)}, ${show(low)} to ${show(high)}${paper === undefined ? '' : ` [${paper.toFixed(2)}]`}`
}

function write(path: string, tables: Readonly<Record<string, string>>): void {
  const file = join(ROOT, path)
  const text = Object.entries(tables).reduce(
    (all, [name, lines]) => between(all, name, lines),
    readFileSync(file, 'utf8')
  )
  writeFileSync(file, text)
}

function cleanRow(name: string, figures: Figures): string[] {
  const { clean, databaseHeld16: held, withoutCopies16: uncopied, withoutNearDuplicates16: apart } = figures
  const { low, high, map } = clean['16']
  return [
    name,
    uncopied === undefined ? 'not measured' : `${show(uncopied.map100)} (${uncopied.queries} queries)`,
    ...['8', '16', '32', '64'].map(bits => show(clean[bits].map['100'])),
    `${show(low)} to ${show(high)}`,
    show(map.all),
    show(held.map100),
    apart === undefined ? 'n/a' : `${show(apart.map100)} (${apart.queries} queries)`
  ]
}

function attackRow(name: string, attack: Attack): string[] {
  const { goal, epsilon, steps, restarts, queries, clean100, map100, low, high, targetedMap100 } = attack
  const how = steps === 0 ? '' : `, ${steps} steps${restarts > 1 ? `, ${restarts} restarts` : ''}`
  return [
    name,
    `${goal}${how}`,
    epsilon,
    String(queries),
    show(clean100),
    show(map100),
    `${show(low)} to ${show(high)}`,
    targetedMap100 === undefined ? '' : show(targetedMap100)
  ]
}

function show(value: number): string {
  return value.toFixed(3)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

/** The text with the lines between `<!-- NAME -->` and `<!-- /NAME -->` replaced. */
function between(text: string, name: string, lines: string): string {
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`there is no place for ${name}`)
  return text.slice(0, from + start.length) + lines + text.slice(to)
}
