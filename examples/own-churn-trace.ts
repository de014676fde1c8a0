// A churn trace of one's own: when which slave goes and comes, as measured in a real network, played on virtual time.
// Run: node --conditions=sfmedir-source examples/own-churn-trace.ts [trace.csv], lines of `minute,slave,up|down`
import { readFileSync } from 'node:fs'
import { CLUSTER_DEFAULTS, exampleImage, openCluster, SeededStream } from 'sfmedir/sim'

const TRACE = '10,0,down\n20,1,down\n25,2,down\n40,0,up\n55,1,up\n60,2,up'

interface Change {
  readonly minute: number
  readonly slave: number
  readonly state: 'up' | 'down'
}

function readTrace(text: string): Change[] {
  return text
    .trim()
    .split('\n')
    .map(line => {
      const match = /^(\d+),(\d+),(up|down)$/.exec(line.trim())
      if (match === null) throw new RangeError(`a line of a trace is minute,slave,up|down, not ${line}`)
      return { minute: Number(match[1]), slave: Number(match[2]), state: match[3] === 'up' ? 'up' : 'down' }
    })
}

const cluster = await openCluster('virtual', { ...CLUSTER_DEFAULTS, threshold: { fixed: { threshold: 2, total: 3 } } })
const { clock, slaves } = cluster
const random = new SeededStream('churn')
const stored = []
for (let at = 0; at < 20; at++) stored.push(await cluster.drive(cluster.owner.store(exampleImage(random, 300))))

const beganAt = clock.monotonic()
for (const { minute, slave, state } of readTrace(process.argv[2] ? readFileSync(process.argv[2], 'utf8') : TRACE)) {
  const waitMs = beganAt + minute * 60_000 - clock.monotonic()
  if (waitMs > 0) await cluster.drive(new Promise<void>(resolve => clock.setTimer(waitMs, resolve)))
  await cluster.drive(state === 'up' ? cluster.up(slaves[slave]) : cluster.down(slaves[slave]))
  let read = 0
  for (const { id } of stored)
    read += await cluster.drive(
      cluster.user.fetch(id).then(
        () => 1,
        () => 0
      )
    )
  console.log(
    `minute ${String(minute).padStart(3)}: slave ${slave} ${state.padEnd(4)}, ${read} of ${stored.length} images can be read`
  )
}
await cluster.stop()
