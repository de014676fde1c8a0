import type { Fault } from './fault.ts'

/** The network falls apart: messages across the cut never arrive. */
export const partition: Fault = {
  about: 'cut value random peers off from the rest',
  hits: 'any',
  value: random => 1 + random.below(3),
  apply: ({ cluster, target, value, random }) => {
    const others = [...cluster.peers.keys()].filter(peer => peer !== target.peer)
    const group = [target.peer]
    while (group.length < value && others.length > 0) group.push(...others.splice(random.below(others.length), 1))
    cluster.world.internet.partition([group])
  }
}
