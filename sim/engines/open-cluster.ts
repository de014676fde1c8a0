import type { Cluster, ClusterSpec } from '../cluster/cluster.ts'
import { RealCluster } from '../real/real-cluster.ts'
import type { RealInit } from '../real/real-init.ts'
import { VirtualCluster } from '../virtual/virtual-cluster.ts'

/** A started cluster on either engine; `init` is for the real one. */
export async function openCluster(engine: Cluster['engine'], spec: ClusterSpec, init?: RealInit): Promise<Cluster> {
  const cluster = engine === 'real' ? new RealCluster(spec, init) : new VirtualCluster(spec)
  await cluster.start()
  return cluster
}
