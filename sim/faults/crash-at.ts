import type { Fault } from './fault.ts'

/** A kill in the worst moment: between a write and its sync. */
export const crashAt: Fault = {
  about: 'kill a peer in the middle of its value-th next sync to disk',
  hits: 'any',
  value: random => 1 + random.below(4),
  apply: ({ cluster, target, value }) => {
    let left = Math.max(1, value)
    target.disk.onSync = () => {
      left--
      if (left > 0) return
      target.disk.onSync = undefined
      void cluster.down(target.peer)
    }
  }
}
