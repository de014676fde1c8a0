import { join } from 'node:path'
import { encodeKeys } from '../../crypto/keys.ts'
import type { MasterInit } from '../../node/master/master-init.ts'
import { firstBytesHasher } from '../../sim/cluster/cluster.ts'
import { ProcessCluster } from '../../sim/processes/process-cluster.ts'

/** Masters and slaves as real processes over TCP on loopback, an owner and user in this one; no model is needed. */
export function processGrid(masters: number, slaves: number, init: MasterInit = {}): ProcessCluster {
  return new ProcessCluster({
    masters,
    slaves,
    model: firstBytesHasher,
    program: ({ keys, ...start }) => {
      const master = { orphanGraceMs: 40_000, reconcileMs: 5_000, ...init }
      const config = { ...start, master, keys: keys && encodeKeys(keys) }
      return [join(import.meta.dirname, 'run-peer.ts'), JSON.stringify(config)]
    }
  })
}
