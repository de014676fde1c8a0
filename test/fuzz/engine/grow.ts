import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codec, type Form, type Shape } from '../../../codec/codec.ts'
import type { Chance } from './chance.ts'
import { encodeTree, textTree, type Tree } from './tree.ts'

const ROOT = join(import.meta.dirname, '../../..')
const ROOMS = '{base,codec,indexing,protocols,crypto}/**/*.ts'
const MOST_TRIES = 100
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Values that mean something to who reads them: ids that exist, records that are signed. */
export interface Pool {
  readonly bytes: Uint8Array[]
  readonly texts: string[]
}

let words: readonly string[] | undefined

/** Every quoted word of the rooms that define messages: names of roles, states and schemes are among them. */
function dictionary(): readonly string[] {
  words ??= [
    ...new Set(
      globSync(ROOMS, { cwd: ROOT })
        .sort()
        .flatMap(file => readFileSync(join(ROOT, file), 'utf8').match(/(?<=')[a-z0-9][\w./ -]{0,30}(?=')/gi) ?? [])
    )
  ]
  return words
}

/** A tree that is being grown. */
interface Growth {
  readonly chance: Chance
  readonly pool: Pool
  /** Values that stand in it already, by form: fields that must agree now and then do. */
  readonly recent: Map<string, Uint8Array[]>
  readonly numbers: number[]
  /** In a list whose small numbers count its items: which item this is. */
  item?: number
  /** How often something may still be grown anew. */
  tries: number
}

let kept = new WeakMap<Shape<unknown>, Tree[]>()
const MOST_KEPT = 64

/** A tree of a shape: mostly a valid one. Only what {@link Shape.form} says is used, so new shapes need nothing here. */
export function growTree(shape: Shape<unknown>, chance: Chance, pool: Pool): Tree {
  return grow(shape, { chance, pool, recent: new Map(), numbers: [], tries: MOST_TRIES })
}

function grow(shape: Shape<unknown>, growth: Growth): Tree {
  const { form } = shape
  if (form.kind !== 'checked') return growForm(form, growth)
  const known = kept.get(shape) ?? []
  if (known.length > 8 && growth.chance.onceIn(2)) return growth.chance.pick(known)
  for (;;) {
    const tree = grow(form.of, growth)
    const valid = isOf(shape, tree)
    if (valid && known.length < MOST_KEPT) kept.set(shape, [...known, tree])
    if (valid) return tree
    if (growth.tries-- <= 0) return known.length > 0 ? growth.chance.pick(known) : tree
  }
}

/** Forget the trees kept so far: what is made of inputs does not count as what stays of them. */
export function forgetGrown(): void {
  kept = new WeakMap()
}

/** Whether a shape reads this tree. */
export function isOf(shape: Shape<unknown>, tree: Tree): boolean {
  try {
    codec(shape).decode(encodeTree(tree))
    return true
  } catch {
    return false
  }
}

function growForm(form: Exclude<Form, { kind: 'checked' }>, growth: Growth): Tree {
  const { chance } = growth
  if (form.kind === 'whole') return { kind: 'number', value: growNumber(form, growth) }
  if (form.kind === 'bool') return { kind: 'raw', bytes: Uint8Array.of(chance.onceIn(2) ? 0xf4 : 0xf5) }
  if (form.kind === 'bytes')
    return { kind: 'bytes', bytes: again(`b${form.least}-${form.most}`, growth, () => growBytes(form, growth)) }
  if (form.kind === 'text')
    return {
      kind: 'text',
      bytes: again(`t${form.least}-${form.most}`, growth, () => Buffer.from(growText(form, growth)))
    }
  if (form.kind === 'null-or') {
    return chance.onceIn(4) ? { kind: 'raw', bytes: Uint8Array.of(0xf6) } : grow(form.of, growth)
  }
  if (form.kind === 'list') {
    const usual = Math.min(form.most, form.least + 4)
    const like = growth.numbers.filter(number => number >= form.least && number <= Math.min(form.most, 20))
    const drawn = chance.onceIn(200) ? Math.min(form.most, 300) : chance.between(form.least, usual)
    const count = like.length > 0 && chance.onceIn(2) ? chance.pick(like) : drawn
    const counts = chance.onceIn(2)
    const items = Array.from({ length: count }, (_, at) =>
      grow(form.of, counts ? Object.assign(growth, { item: at }) : growth)
    )
    growth.item = undefined
    return { kind: 'array', items }
  }
  if (form.kind === 'array') {
    const start = form.start.map(
      (word): Tree => (typeof word === 'number' ? { kind: 'number', value: word } : textTree(word))
    )
    return { kind: 'array', items: [...start, ...form.items.map(({ shape }) => grow(shape, growth))] }
  }
  const present = form.fields.filter(({ required }) => required || chance.onceIn(2))
  return { kind: 'map', items: present.flatMap(({ name, shape }) => [textTree(name), grow(shape, growth)]) }
}

type Bounds = { readonly least: number; readonly most: number }

/** A value of this form that the tree holds already, or another. */
function again(form: string, { recent, chance }: Growth, another: () => Uint8Array): Uint8Array {
  const same = recent.get(form)
  if (same !== undefined && chance.onceIn(3)) return chance.pick(same)
  const value = another()
  recent.set(form, [...(same ?? []), value].slice(-8))
  return value
}

function growNumber({ least, most }: Bounds, { chance, numbers, item }: Growth): number {
  const number = item !== undefined && most < 300 ? Math.min(most, least + item) : drawNumber({ least, most }, chance)
  numbers.push(number)
  return number
}

function drawNumber({ least, most }: Bounds, chance: Chance): number {
  const way = chance.below(10)
  if (way > 7) return Math.min(most, least + chance.below(6))
  if (way === 0) return least
  if (way === 1) return most
  if (way < 6) return Math.min(most, least + chance.below(300))
  return Math.min(most, least + Math.floor((most - least) * (chance.word() / 2 ** 32) ** 4))
}

function growBytes({ least, most }: Bounds, { chance, pool }: Growth): Uint8Array {
  if (pool.bytes.length > 0 && !chance.onceIn(3)) {
    for (let tries = 8; tries > 0; tries--) {
      const known = chance.pick(pool.bytes)
      if (known.length >= least && known.length <= most) return known
    }
  }
  const usual = Math.min(most, least + 40)
  const length = chance.onceIn(100) ? Math.min(most, 5000) : chance.between(least, usual)
  return chance.bytes(length)
}

function growText({ least, most }: Bounds, { chance, pool }: Growth): string {
  const way = chance.below(8)
  if (way < 2 && pool.texts.length > 0) return chance.pick(pool.texts)
  if (way < 5 && most < 46) return chance.pick(dictionary())
  if (way < 6) return Buffer.from(chance.bytes(32)).toString('hex').slice(0, Math.min(64, most))
  const length = chance.between(least, Math.min(most, least + 20))
  if (way === 6 || least === 46) {
    return Array.from({ length: Math.max(length, Math.min(52, most)) }, () => chance.pick([...BASE58])).join('')
  }
  return Array.from({ length }, () => String.fromCodePoint(oddPoint(chance)))
    .join('')
    .slice(0, most)
}

function oddPoint(chance: Chance): number {
  const point = chance.pick([chance.between(32, 126), chance.below(0xd800), chance.between(0xe000, 0x10ffff)])
  return chance.onceIn(20) ? chance.pick([0, 0x1b, 0x0a, 0x202e, 0xfeff, 0x2028, 0xfffd]) : point
}
