import type { Shape } from '../../../codec/codec.ts'
import type { Chance } from './chance.ts'
import { forgetGrown, growTree, type Pool } from './grow.ts'
import { spoilBytes, spoilTree } from './mutate.ts'
import { encodeTree, type Tree } from './tree.ts'

/** A place where bytes from outside come in. */
export interface Door {
  readonly name: string
  /** One input. */
  make(chance: Chance): Uint8Array
  /** Let it in. Ends well or throws a NetError; anything else is a fault. */
  enter(bytes: Uint8Array): void | Promise<void>
  /** Share of the cases that others get: below 1 for a door where each takes long. */
  readonly share?: number
  /** Called before the first case and after the last one. */
  open?(): Promise<void>
  close?(): Promise<void>
}

const VALID = 200 // trees a door keeps to spoil
const MOST_KEPT_BYTES = 4096
const EMPTY: Pool = { bytes: [], texts: [] }

const makers = new Set<Tree[]>()

/** Let go of all that was kept to make inputs from, before memory is looked at. */
export function forgetMade(): void {
  for (const kept of makers) kept.length = 0
  forgetGrown()
}

/** Makes messages of shapes: valid ones now and then, spoilt as trees, as bytes, or both. */
export function messageMaker(shapes: readonly Shape<unknown>[], pool: () => Pool = () => EMPTY): Door['make'] {
  const kept: Tree[] = []
  makers.add(kept)
  let made = 0
  const next = (chance: Chance): Tree => {
    if (kept.length === VALID && !chance.onceIn(200)) return chance.pick(kept)
    const tree = growTree(shapes[made++ % shapes.length], chance, pool())
    if (encodeTree(tree).length > MOST_KEPT_BYTES) return tree
    if (kept.length < VALID) kept.push(tree)
    else kept[chance.below(VALID)] = tree
    return tree
  }
  return chance => {
    let tree = next(chance)
    const way = chance.below(20)
    if (way < 3) return encodeTree(tree)
    if (way < 13 || way === 19)
      for (let times = chance.between(1, 3); times > 0; times--) tree = spoilTree(tree, chance)
    const bytes = encodeTree(tree)
    return way < 13 ? bytes : spoilBytes(bytes, encodeTree(next(chance)), chance)
  }
}

/** Makes inputs of samples: whole now and then, else spoilt as bytes. */
export function sampleMaker(samples: readonly Uint8Array[]): Door['make'] {
  return chance => {
    const sample = chance.pick(samples)
    return chance.onceIn(20) ? sample : spoilBytes(sample, chance.pick(samples), chance)
  }
}
