// Store, search and fetch on a network in this process: two masters, five slaves, an owner and a user, nothing on disk.
// Run: node --conditions=sfmedir-source examples/library-use.ts
import { CLUSTER_DEFAULTS, exampleImage, openCluster, SeededStream } from 'sfmedir/sim'

const cluster = await openCluster('virtual', CLUSTER_DEFAULTS)
const { owner, user } = cluster
const random = new SeededStream('library use')
const images = Array.from({ length: 5 }, () => exampleImage(random, 1000))
for (const [at, image] of images.entries()) await cluster.drive(owner.store(image, { name: `slice ${at}` }))

const [nearest] = await cluster.drive(user.search(images[3], { k: 1 }))
const bytes = await cluster.drive(user.fetch(nearest.id))
console.log(`${nearest.metadata?.name} at distance ${nearest.distance}, ${bytes.length} bytes`)

await cluster.drive(cluster.down(cluster.slaves[0])) // as SIGKILL does
const again = await cluster.drive(user.fetch(nearest.id))
console.log(`with a slave dead: ${Buffer.compare(bytes, again) === 0 ? 'identical' : 'different'}`)
await cluster.stop()
