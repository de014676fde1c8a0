import type { Fault } from './fault.ts'

/** A new life on the old disk. */
export const up: Fault = {
  about: 'start a killed peer again on its disk',
  hits: 'any',
  value: () => 0,
  apply: ({ cluster, target }) => {
    // Not awaited: it takes virtual time, and may be killed again meanwhile.
    void cluster.up(target.peer)
  }
}
