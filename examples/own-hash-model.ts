// A hash model of one's own: here, whether each of 64 equal parts of a file is brighter than all of it on average.
// A real network takes it in the same place: openPeer({ ..., model: brightness }).
// Run: node --conditions=sfmedir-source examples/own-hash-model.ts
import { hashCode, type HashCode } from 'sfmedir/hashing'
import type { ImageHasher } from 'sfmedir/node'
import { CLUSTER_DEFAULTS, openCluster } from 'sfmedir/sim'

const BITS = 64

const brightness: ImageHasher = {
  // Codes of different spaces never compare: an own model has a name (64 hex digits) of its own.
  space: { model: 'b'.repeat(64), view: '0'.repeat(64), bits: BITS },
  hash: async images => images.map(code)
}

function code(image: Uint8Array): HashCode {
  const mean = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0) / Math.max(1, bytes.length)
  const all = mean(image)
  const size = image.length / BITS
  const bits = new Uint8Array(BITS / 8)
  for (let at = 0; at < BITS; at++) {
    const part = image.subarray(Math.floor(at * size), Math.floor((at + 1) * size))
    if (mean(part) > all) bits[at >> 3] |= 1 << (at & 7)
  }
  return hashCode(bits)
}

const cluster = await openCluster('virtual', { ...CLUSTER_DEFAULTS, hasher: brightness })
const wave = (period: number): Uint8Array =>
  Uint8Array.from({ length: 4096 }, (_, at) => 128 + 100 * Math.sin((2 * Math.PI * at) / period))
for (const period of [256, 512, 1024, 2048]) {
  await cluster.drive(cluster.owner.store(wave(period), { name: `period ${period}` }))
}
for (const { distance, metadata } of await cluster.drive(cluster.user.search(wave(1000)))) {
  console.log(`${String(distance).padStart(2)} bits from period 1000: ${metadata?.name}`)
}
await cluster.stop()
