export {
  CLUSTER_DEFAULTS,
  type Cluster,
  type ClusterSpec,
  CRYPTO_NAMES,
  exampleImage,
  firstBytesHasher
} from './cluster/cluster.ts'
export { SeededStream } from './cluster/seeded-stream.ts'
export { openCluster } from './engines/open-cluster.ts'
export type { RealInit } from './real/real-init.ts'
export { drawPlan, PLAN_DEFAULTS, type Plan, type PlanInit } from './soak/plan.ts'
export { playPlan } from './soak/play.ts'
export { runSoak, type SoakInit, type SoakResult } from './soak/run-soak.ts'
export { THEOREM4_DEFAULTS, type Theorem4Config } from './theorem4/config.ts'
export { runTheorem4, type Theorem4Result } from './theorem4/run.ts'
