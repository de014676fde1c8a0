// The virtual engine's speed: bare events a second, and how much faster than real time a cluster of seven peers with the
// real role code lives, idle and under a steady load. `node bench/simulator.ts [--json]`.
import { performance } from 'node:perf_hooks'
import { sleep } from '../base/clock.ts'
import { CLUSTER_DEFAULTS, exampleImage } from '../sim/cluster/cluster.ts'
import { EventLoop } from '../sim/virtual/event-loop.ts'
import { SeededStream } from '../sim/cluster/seeded-stream.ts'
import { VirtualCluster } from '../sim/virtual/virtual-cluster.ts'

const EVENTS = 2_000_000
const ACTORS = 1000
const IDLE_MS = 3_600_000
const LOADED_MS = 600_000
const STORE_EVERY_MS = 2_000

const figures = { eventsPerSecond: await bareEvents(), idleSpeedup: 0, loadedSpeedup: 0 }
const cluster = new VirtualCluster({
  ...CLUSTER_DEFAULTS,
  crypto: 'twin',
  threshold: { fixed: { threshold: 2, total: 3 } }
})
await cluster.start()
figures.idleSpeedup = await speedup(cluster, IDLE_MS, sleep(cluster.clock, IDLE_MS))
figures.loadedSpeedup = await speedup(cluster, LOADED_MS, load(cluster))

console.log(
  process.argv.includes('--json')
    ? JSON.stringify(figures)
    : `${(figures.eventsPerSecond / 1e6).toFixed(2)} M bare events/s; 2 masters and 5 slaves live ${figures.idleSpeedup.toFixed(0)} times faster than real time idle, ${figures.loadedSpeedup.toFixed(0)} times with a store and a read every 2 s`
)

async function bareEvents(): Promise<number> {
  const loop = new EventLoop()
  const random = new SeededStream(1)
  const done = Promise.withResolvers<void>()
  let happened = 0
  const hop = (): void => {
    happened++
    if (happened === EVENTS) done.resolve()
    else loop.after(random.unit() * 100, hop)
  }
  for (let k = 0; k < ACTORS; k++) loop.after(random.unit() * 100, hop)
  const began = performance.now()
  await loop.until(done.promise)
  return EVENTS / ((performance.now() - began) / 1000)
}

async function speedup(on: VirtualCluster, virtualMs: number, work: Promise<void>): Promise<number> {
  const began = performance.now()
  await on.drive(work)
  return virtualMs / (performance.now() - began)
}

async function load({ owner, user, clock }: VirtualCluster): Promise<void> {
  const random = new SeededStream('load')
  for (let atMs = 0; atMs < LOADED_MS; atMs += STORE_EVERY_MS) {
    const { id: image } = await owner.store(exampleImage(random, 256))
    await user.fetch(image)
    await sleep(clock, STORE_EVERY_MS)
  }
}
