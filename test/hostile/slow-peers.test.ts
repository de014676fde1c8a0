import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { getImage } from '../../protocols/get-image.ts'
import { liveness } from '../../protocols/liveness.ts'
import type { Protocol } from '../../protocols/network.ts'
import { networkStatus } from '../../protocols/network-status.ts'
import { putImage } from '../../protocols/put-image.ts'
import type { Libp2pNode } from '../../protocols/transport/create-libp2p.ts'
import { until } from '../network/protocols/peers.ts'
import { HostileGrid } from './hostile-grid.ts'
import { withinTime } from './within-time.ts'

const OWNERS = Array.from({ length: 8 }, (_, i) => `owner-${i}`)
const MIB = 1024 * 1024
const LENGTH = 256 * MIB
const TRICKLE_MS = 5_000
const ASKED_AT_ONCE = 50
const OWN = [putImage, getImage] // an owner may call both, 32 streams of each

type Asked = Pick<Protocol<Record<string, never>, unknown>, 'id' | 'request'>

const grid = new HostileGrid()
const nodes: Libp2pNode[] = []
const open: Stream[] = []
let trickle: NodeJS.Timeout | undefined
let image = 0

beforeAll(async () => {
  await grid.start({ hostile: Object.fromEntries(OWNERS.map(label => [label, ['owner']])) })
  for (const label of OWNERS) nodes.push(await grid.node(label))
})
afterEach(() => {
  clearInterval(trickle)
  for (const stream of open.splice(0)) stream.abort(new Error('seen enough'))
})
afterAll(() => grid.stop())

/** The head of a message on a stream of its own. */
function head(bytes: number): Buffer {
  const head = Buffer.alloc(36)
  head.writeUInt32BE(bytes)
  return head
}

/** Open `count` streams of a node and begin a message of 256 MiB on each with these bytes; then comes a byte per 5 s. */
async function begin(node: Libp2pNode, count: number, first: Uint8Array): Promise<void> {
  for (let i = 0; i < count; i++) {
    const stream = await node.dialProtocol(multiaddr(grid.address), OWN[i % OWN.length].id)
    stream.send(first)
    open.push(stream)
  }
  trickle ??= setInterval(() => {
    for (const stream of open) if (stream.writeStatus === 'writable') stream.send(Uint8Array.of(0))
  }, TRICKLE_MS)
}

/** Ask on and on, without reading an answer, until the stream is broken off. */
async function askUnread(node: Libp2pNode, { id, request }: Asked): Promise<void> {
  const stream = await node.dialProtocol(multiaddr(grid.address), id)
  open.push(stream)
  stream.addEventListener('message', () => {})
  stream.pause()
  const body = request.encode({})
  let asked = 0
  const askSome = (): void => {
    for (let i = 0; i < ASKED_AT_ONCE && stream.writeStatus === 'writable'; i++) {
      const frame = Buffer.alloc(9)
      frame.writeUInt32BE(body.length)
      frame.writeUInt32BE(++asked, 4)
      stream.send(Buffer.concat([frame, body]))
    }
  }
  const ended = (): boolean => {
    askSome()
    return stream.status !== 'open'
  }
  await until(ended, `the victim breaks ${id} off`, 60_000)
}

/** Another owner stores an image and a user finds it, each within its time. */
async function honestAreServed(): Promise<void> {
  const bytes = Buffer.alloc(2_000, `image ${image++}`)
  await withinTime('a store', () => grid.client.owner.store(bytes))
  await withinTime('a search', () => grid.client.user.search(bytes, { k: 1 }))
}

const allBrokenOff = (): Promise<void> =>
  until(() => open.every(({ status }) => status !== 'open'), 'the victim breaks all off', 25_000)

describe('a member whose streams are slow', { timeout: 180_000 }, () => {
  it.each([4, 40])('%i at a byte per 5 s: others are served meanwhile, and the streams are broken off', async count => {
    await honestAreServed()
    await begin(nodes[0], count, Buffer.concat([head(LENGTH), Buffer.alloc(1)]))
    await honestAreServed()
    await allBrokenOff()
    await honestAreServed()
  })
  it('40 of which only the header comes: others are served meanwhile, and the streams are broken off', async () => {
    await begin(nodes[0], 40, head(LENGTH))
    await honestAreServed()
    await allBrokenOff()
  })
  it('40 with 4 MiB sent at once on each: others are served, and heap and buffers are back within 20 % afterwards', async () => {
    const before = await grid.victim.memory()
    await begin(nodes[0], 40, Buffer.concat([head(LENGTH), Buffer.alloc(4 * MIB)]))
    for (let round = 0; round < 3; round++) await honestAreServed()
    await allBrokenOff()
    const after = await grid.victim.memory()
    console.info(
      `heap ${before.heapUsed} -> ${after.heapUsed}, buffers ${before.arrayBuffers} -> ${after.arrayBuffers}, resident ${before.rss} -> ${after.rss}`
    )
    expect(after.heapUsed).toBeLessThan(1.2 * before.heapUsed)
    expect(after.arrayBuffers).toBeLessThan(1.2 * before.arrayBuffers + 4 * MIB)
  })
  it('eight members, 20 streams each at a byte per 5 s: another is served', async () => {
    for (const node of nodes) await begin(node, 20, Buffer.concat([head(LENGTH), Buffer.alloc(1)]))
    await honestAreServed()
    await allBrokenOff()
  })
})

describe('a member that asks and does not read', { timeout: 180_000 }, () => {
  it('on shared streams: others are served meanwhile, and the victim breaks its streams off', async () => {
    const before = await grid.victim.memory()
    const asking = [liveness, networkStatus].map(protocol => askUnread(nodes[0], protocol))
    await Promise.all([honestAreServed(), ...asking])
    expect(open.map(({ status }) => status)).toEqual(['reset', 'reset']) // by the other end
    const after = await grid.victim.memory()
    expect(after.heapUsed + after.arrayBuffers).toBeLessThan(1.2 * (before.heapUsed + before.arrayBuffers) + 16 * MIB)
  })
})
