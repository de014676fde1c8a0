import type { Fault } from './fault.ts'

/** The network is whole again. */
export const heal: Fault = {
  about: 'end a partition',
  hits: 'any',
  value: () => 0,
  apply: ({ cluster }) => cluster.world.internet.heal()
}
