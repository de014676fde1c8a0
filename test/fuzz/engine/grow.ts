import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codec, type Form, type Shape } from '../../../codec/codec.ts'
import type { Chance } from './chance.ts'
import { encodeTree, textTree, type Tree } from './tree.ts'

const ROOT = join(import.meta.dirname, '../../..')
const ROOMS = '{base,codec,indexing,protocols,crypto}/**/*.ts'
const MOST_TRIES = 60
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

/** A tree of a shape: nearly always a valid one. Only what {@link Shape.form} says is used, so new shapes need nothing here. */
export function growTree(shape: Shape<unknown>, chance: Chance, pool: Pool): Tree {
  const { form } = shape
  if (form.kind !== 'checked') return growForm(form, chance, pool)
  for (let left = MOST_TRIES; ; left--) {
    const tree = growTree(form.of, chance, pool)
    if (left === 0 || isOf(shape, tree)) return tree
  }
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

function growForm(form: Exclude<Form, { kind: 'checked' }>, chance: Chance, pool: Pool): Tree {
  if (form.kind === 'whole') return { kind: 'number', value: growNumber(form, chance) }
  if (form.kind === 'bool') return { kind: 'raw', bytes: Uint8Array.of(chance.onceIn(2) ? 0xf4 : 0xf5) }
  if (form.kind === 'bytes') return { kind: 'bytes', bytes: growBytes(form, chance, pool) }
  if (form.kind === 'text') return textTree(growText(form, chance, pool))
  if (form.kind === 'null-or') {
    return chance.onceIn(4) ? { kind: 'raw', bytes: Uint8Array.of(0xf6) } : growTree(form.of, chance, pool)
  }
  if (form.kind === 'list') {
    const usual = Math.min(form.most, form.least + 4)
    const count = chance.onceIn(200) ? Math.min(form.most, 300) : chance.between(form.least, usual)
    return { kind: 'array', items: Array.from({ length: count }, () => growTree(form.of, chance, pool)) }
  }
  if (form.kind === 'array') {
    const start = form.start.map(
      (word): Tree => (typeof word === 'number' ? { kind: 'number', value: word } : textTree(word))
    )
    return { kind: 'array', items: [...start, ...form.items.map(({ shape }) => growTree(shape, chance, pool))] }
  }
  const present = form.fields.filter(({ required }) => required || chance.onceIn(2))
  return { kind: 'map', items: present.flatMap(({ name, shape }) => [textTree(name), growTree(shape, chance, pool)]) }
}

type Bounds = { readonly least: number; readonly most: number }

function growNumber({ least, most }: Bounds, chance: Chance): number {
  const way = chance.below(8)
  if (way === 0) return least
  if (way === 1) return most
  if (way < 6) return Math.min(most, least + chance.below(300))
  return Math.min(most, least + Math.floor((most - least) * (chance.word() / 2 ** 32) ** 4))
}

function growBytes({ least, most }: Bounds, chance: Chance, pool: Pool): Uint8Array {
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

function growText({ least, most }: Bounds, chance: Chance, pool: Pool): string {
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
