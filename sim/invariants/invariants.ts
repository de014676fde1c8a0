import { converged } from './converged.ts'
import { deleted } from './deleted.ts'
import { durable } from './durable.ts'
import { erased } from './erased.ts'
import { found } from './found.ts'
import { known } from './known.ts'
import { lasting } from './lasting.ts'
import { neverTogether } from './never-together.ts'
import { placed } from './placed.ts'
import { readable } from './readable.ts'
import type { Invariant } from './invariant.ts'

/** Every invariant by its name. */
export const INVARIANTS: ReadonlyMap<string, Invariant> = new Map(
  Object.entries({
    converged,
    deleted,
    durable,
    erased,
    found,
    known,
    lasting,
    'never-together': neverTogether,
    placed,
    readable
  })
)
