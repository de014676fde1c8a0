import { Type } from 'cborg'
import { invalid, type Shape } from './codec.ts'

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
    plain: value => {
      const given: Readonly<Record<string, unknown>> = value
      const present = order.filter(({ name, required }) => required || given[name] !== undefined)
      return Object.fromEntries(present.map(({ name, shape }) => [name, shape.plain(given[name])]))
    },
    read: tokens => {
      const count: number = tokens.next(Type.map).value
      if (count < required || count > order.length) throw invalid(`${count} fields`)
      const value: Record<string, unknown> = {}
      let at = 0
      for (let i = 0; i < count; i++) {
        const name: string = tokens.next(Type.string).value
        while (at < order.length && order[at].name !== name && !order[at].required) at++
        if (order[at]?.name !== name) throw invalid('an unknown, missing or misplaced field')
        value[name] = order[at++].shape.read(tokens)
      }
      if (order.slice(at).some(field => field.required)) throw invalid('a missing field')
      return value as ValueOfFields<S> // every required name was read by its own shape, no other name was let in
    }
  }
}

function shapeOf(field: Shape<unknown> | Optional<unknown>): Shape<unknown> {
  return 'optional' in field ? field.optional : field
}
