import type { Fault } from './fault.ts'

/** A line that has become slow, both ways. */
export const slow: Fault = {
  about: "multiply a peer's latency and divide its bandwidth by value; 1 ends it",
  hits: 'any',
  value: random => random.pick([1, 10, 100]),
  apply: ({ cluster, target, value }) => cluster.world.internet.slow(target.peer, Math.max(1, value))
}
