import type { Cluster, ClusterSpec } from './cluster.ts'
import { RealCluster } from './real/real-cluster.ts'
import { VirtualCluster } from './virtual/virtual-cluster.ts'

/** A started cluster on either engine. */
export async function openCluster(engine: Cluster['engine'], spec: ClusterSpec): Promise<Cluster> {
  const cluster = engine === 'real' ? new RealCluster(spec) : new VirtualCluster(spec)
  await cluster.start()
  return cluster
}
