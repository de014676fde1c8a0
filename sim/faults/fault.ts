import type { SeededStream } from '../cluster/seeded-stream.ts'
import type { VirtualCluster, VirtualPeer } from '../virtual/virtual-cluster.ts'

/** What a fault hits: a peer of the cluster, or all of it. */
interface FaultContext {
  readonly cluster: VirtualCluster
  /** The peer that the plan names by number; peer 0, a master, when it names none. */
  readonly target: VirtualPeer
  /** The fault's number (a factor, a count, ms); each says what it means. */
  readonly value: number
  readonly random: SeededStream
}

/** A way in which the world goes wrong, as a verb. One file of this folder each; `faults.ts` lists them. */
export interface Fault {
  /** What it does, in a sentence; `value` explained. */
  readonly about: string
  /** Which peers a random plan may hit with it. */
  readonly hits: 'slave' | 'master' | 'any'
  /** The `value` that a random plan gives it. */
  readonly value: (random: SeededStream) => number
  readonly apply: (context: FaultContext) => void | Promise<void>
}
