import { NetError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import { drawEmptiest } from './draw-emptiest.ts'
import { type Candidate, drawSlaves, type SlaveDraw } from './draw-slaves.ts'

/** A way to choose the slaves of an image, by name. */
export interface SlavePlacement {
  readonly name: string
  /** One image's slaves out of the candidates, each at most once. */
  draw(candidates: readonly Candidate[], random: Random): SlaveDraw
}

/** Every placement there is; the first one is the default. */
export const SLAVE_PLACEMENTS: readonly SlavePlacement[] = Object.freeze([
  Object.freeze({ name: 'spread', draw: drawSlaves }),
  Object.freeze({ name: 'emptiest', draw: drawEmptiest })
])

/** The placement of this name. @throws NetError `CONFIG_INVALID` when there is none */
export function placementNamed(name: string): SlavePlacement {
  const found = SLAVE_PLACEMENTS.find(known => known.name === name)
  if (found !== undefined) return found
  const names = SLAVE_PLACEMENTS.map(known => known.name).join(', ')
  throw new NetError('CONFIG_INVALID', `no placement has the name ${name}; there are ${names}`)
}
