// Writes the two tables of figures into models/README.md from models/weights/manifest.json, where scripts/measure-model.ts
// put them. node scripts/write-model-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest, shippedModels } from '../hashing/manifest.ts'

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

interface Figures {
  readonly clean: Readonly<Record<string, Cell>>
  readonly databaseHeld16: { readonly map100: number }
  readonly withoutNearDuplicates16?: { readonly queries: number; readonly map100: number }
  readonly attacks: readonly Attack[]
}

const README = join(import.meta.dirname, '../models/README.md')

const models = (await readManifest(shippedModels())).models.map(({ name, figures }) => ({
  name,
  figures: figures as Figures // written by measure-model.ts
}))
const clean = table(
  [
    'model',
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
const text = readFileSync(README, 'utf8')
writeFileSync(README, between(between(text, 'clean', clean), 'attacked', attacked))

function cleanRow(name: string, { clean, databaseHeld16: held, withoutNearDuplicates16: apart }: Figures): string[] {
  const { low, high, map } = clean['16']
  return [
    name,
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
  if (from < 0 || to < from) throw new Error(`models/README.md has no place for ${name}`)
  return text.slice(0, from + start.length) + lines + text.slice(to)
}
