import { Type } from 'cborg'
import { inField, invalid, type Shape, type Tokens } from './codec.ts'

/** A field that may be absent. Absent is `undefined` in the program and no key at all on the wire. */
export interface Optional<T> {
  readonly optional: Shape<T>
}

type ValueOf<F> = F extends Shape<infer T> ? T : never
type RequiredKeys<S> = { [K in keyof S]: S[K] extends Optional<infer _> ? never : K }[keyof S]
type OptionalKeys<S> = Exclude<keyof S, RequiredKeys<S>>

/** The value that a set of named shapes describes. */
export type ValueOfFields<S> = { readonly [K in RequiredKeys<S>]: ValueOf<S[K]> } & {
  readonly [K in OptionalKeys<S>]?: S[K] extends Optional<infer T> ? T : never
}

/** Mark a field as one that may be absent. */
export function optional<T>(shape: Shape<T>): Optional<T> {
  return { optional: shape }
}

/** A map with exactly these text keys, in canonical order: shorter first, then by bytes (keys are ASCII, below 24 bytes). */
export function fields<S extends { readonly [name: string]: Shape<unknown> | Optional<unknown> }>(
  shapes: S
): Shape<ValueOfFields<S>> {
  const order = Object.entries(shapes)
    .map(([name, field]) => ({ name, shape: shapeOf(field), required: !('optional' in field) }))
    .sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
  const required = order.filter(field => field.required).length
  return {
    form: { kind: 'map', fields: order },
    plain: value => {
      const given: Readonly<Record<string, unknown>> = value
      const plain: Record<string, unknown> = {}
      for (const field of order) {
        if (field.required || given[field.name] !== undefined) plain[field.name] = plainField(field, given[field.name])
      }
      return plain
    },
    read: tokens => {
      const count: number = tokens.next(Type.map).value
      if (count < required || count > order.length) throw invalid(`${count} fields`)
      const value: Record<string, unknown> = {}
      let at = 0
      for (let i = 0; i < count; i++) {
        const name = tokens.text()
        while (at < order.length && order[at].name !== name && !order[at].required) at++
        if (order[at]?.name !== name) throw invalid('an unknown, missing or misplaced field')
        value[name] = readField(order[at++], tokens)
      }
      if (order.slice(at).some(field => field.required)) throw invalid('a missing field')
      return value as ValueOfFields<S> // every required name was read by its own shape, no other name was let in
    }
  }
}

/**
 * An array of the constants of `start`, which say what it is, and one value for each name, in the order they are written
 * here. In the program it is an object with these names.
 */
export function items<S extends { readonly [name: string]: Shape<unknown> }>(
  start: readonly (number | string)[],
  shapes: S
): Shape<ValueOfFields<S>> {
  const order = Object.entries(shapes).map(([name, shape]) => ({ name, shape, required: true }))
  const length = start.length + order.length
  return {
    form: { kind: 'array', start, items: order },
    plain: value => {
      const given: Readonly<Record<string, unknown>> = value
      const plain: unknown[] = [...start]
      for (const item of order) plain.push(plainField(item, given[item.name]))
      return plain
    },
    read: tokens => {
      if (tokens.next(Type.array).value !== length) throw invalid(`not ${length} items`)
      for (const constant of start) {
        const read = typeof constant === 'number' ? tokens.next(Type.uint).value : tokens.text()
        if (read !== constant) throw invalid(`not ${start.join(' ')}`)
      }
      const value: Record<string, unknown> = {}
      for (const item of order) value[item.name] = readField(item, tokens)
      return value as ValueOfFields<S> // every name was read by its own shape
    }
  }
}

interface Field {
  readonly name: string
  readonly shape: Shape<unknown>
}

function plainField({ name, shape }: Field, value: unknown): unknown {
  try {
    return shape.plain(value)
  } catch (error) {
    throw inField(name, error)
  }
}

function readField({ name, shape }: Field, tokens: Tokens): unknown {
  try {
    return shape.read(tokens)
  } catch (error) {
    throw inField(name, error)
  }
}

function shapeOf(field: Shape<unknown> | Optional<unknown>): Shape<unknown> {
  return 'optional' in field ? field.optional : field
}
