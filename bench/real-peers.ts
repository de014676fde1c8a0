// The real engine's start: 50 libp2p peers in one process (2 masters, 46 slaves, an owner, a user) with noise, yamux and
// kad-dht, until the masters know each other and every slave. `node bench/real-peers.ts [--json]`.
import { performance } from 'node:perf_hooks'
import { CLUSTER_DEFAULTS } from '../sim/cluster/cluster.ts'
import { openCluster } from '../sim/engines/open-cluster.ts'

const MIB = 1024 * 1024

const began = performance.now()
const cluster = await openCluster('real', { ...CLUSTER_DEFAULTS, slaves: 46, sites: 10 })
const figures = { peers: 50, seconds: (performance.now() - began) / 1000, mebibytes: process.memoryUsage().rss / MIB }
console.log(
  process.argv.includes('--json')
    ? JSON.stringify(figures)
    : `${figures.peers} peers up and connected in ${figures.seconds.toFixed(1)} s (20), ${figures.mebibytes.toFixed(0)} MiB (1,200)`
)
await cluster.stop()
process.exit()
