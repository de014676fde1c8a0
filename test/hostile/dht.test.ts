import { createHash } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Libp2pNode } from '../../protocols/transport/create-libp2p.ts'
import { MOST_ADDRESSES } from '../../protocols/transport/guard-peer-store.ts'
import { rendezvous } from '../../protocols/transport/rendezvous.ts'
import { OpenRoster, openHostile, until } from '../network/protocols/peers.ts'
import { HostileGrid } from './hostile-grid.ts'
import { askKad, field, framed, KAD, kadMessage, openKad } from './kad-messages.ts'

const PADDING = 'padding'

const grid = new HostileGrid()
let user: Libp2pNode
let slave: Libp2pNode
const masters = rendezvous('master').multihash.bytes
const slaves = rendezvous('slave').multihash.bytes

beforeAll(async () => {
  await grid.start({ hostile: { user: ['user'], slave: ['slave'] } })
  user = await grid.node('user')
  slave = await grid.node('slave')
})

afterAll(() => grid.stop())

function keyOf(number: number): Buffer {
  const digest = createHash('sha256').update(`anything ${number}`).digest()
  return Buffer.concat([Buffer.from([0x12, 32]), digest])
}

function idOf(node: Libp2pNode): Uint8Array {
  return node.peerId.toMultihash().bytes
}

/** A message that says: this peer provides that key. */
function provides(node: Libp2pNode, key: Uint8Array, padding = 0): Buffer {
  const address = multiaddr('/ip4/127.0.0.1/tcp/9').bytes
  return kadMessage(KAD.ADD_PROVIDER, key, {
    providers: [Buffer.concat([field(1, idOf(node)), field(2, address), field(100, Buffer.alloc(padding))])]
  })
}

/** Whether the victim names this peer as provider of that key. */
async function isNamed(node: Libp2pNode, key: Uint8Array): Promise<boolean> {
  const answer = await askKad(node, grid.address, kadMessage(KAD.GET_PROVIDERS, key))
  if (answer === 'broken off') throw new Error('the victim does not say who provides')
  return named(answer).some(id => id.equals(idOf(node)))
}

// The provider entries of an answer, by their ids: fields 9, of which field 1 is an id.
function named(answer: Buffer): Buffer[] {
  const found: Buffer[] = []
  const id = 38 // an Ed25519 id as multihash: two bytes of head, then the key in its envelope
  for (let at = 0; at + id < answer.length; at++) {
    const isProvider = answer[at] === 9 * 8 + 2 && answer[at + 2] === 10 && answer[at + 3] === id
    const isLongProvider = answer[at] === 9 * 8 + 2 && answer[at + 3] === 10 && answer[at + 4] === id
    if (isProvider) found.push(answer.subarray(at + 4, at + 4 + id))
    if (isLongProvider) found.push(answer.subarray(at + 5, at + 5 + id))
  }
  return found
}

describe("the master's DHT", () => {
  it('a slave that provides the key of slaves is named', async () => {
    await askKad(slave, grid.address, provides(slave, slaves))
    expect(await isNamed(slave, slaves)).toBe(true)
  })
  it.each([
    ['a user that provides the key of masters', () => user, masters],
    ['a user that provides the key of slaves', () => user, slaves],
    ['a slave that provides the key of masters', () => slave, masters],
    ['a slave that provides any other key', () => slave, keyOf(0)]
  ])('%s is not named', async (_, node, key) => {
    expect(await askKad(node(), grid.address, provides(node(), key))).toBe('broken off')
    expect(await isNamed(node(), key)).toBe(false)
  })
  it('one that names another peer as provider: that peer is not named', async () => {
    await askKad(user, grid.address, provides(slave, masters))
    expect(await isNamed(slave, masters)).toBe(false)
  })
  it.each([100, 200_000])(
    'a public key padded to %i bytes, which kad-dht takes for valid, is refused and not kept',
    async bytes => {
      const id = idOf(slave) // two bytes, then the key in its envelope
      const key = Buffer.concat([Buffer.from('/pk/'), id])
      const value = Buffer.concat([id.subarray(2), field(100, Buffer.alloc(bytes, PADDING))])
      const record = Buffer.concat([
        field(1, key),
        field(2, value),
        field(5, Buffer.from('2026-01-01T00:00:00.000000000Z'))
      ])
      expect(await askKad(slave, grid.address, kadMessage(KAD.PUT_VALUE, key, { record }))).toBe('broken off')
      const answer = await askKad(slave, grid.address, kadMessage(KAD.GET_VALUE, key))
      if (answer === 'broken off') throw new Error('the victim does not say what it keeps')
      expect(answer.includes(Buffer.from(PADDING))).toBe(false)
    }
  )
  it('a length that never ends and a request beyond the limit break the stream off', async () => {
    const wire = await openKad(user, grid.address)
    await wire.write([Buffer.alloc(9, 0xff)], 5_000)
    await until(() => wire.dead, 'the victim breaks the stream off')
    const find = kadMessage(KAD.FIND_NODE, keyOf(1))
    expect(await askKad(user, grid.address, find)).not.toBe('broken off')
    expect(await askKad(user, grid.address, Buffer.concat([find, field(100, Buffer.alloc(5_000))]))).toBe('broken off')
  })
  it('more than 200 requests at once: the streams break off, and a second later it answers again', async () => {
    const wire = await openKad(user, grid.address)
    const find = framed(kadMessage(KAD.FIND_NODE, keyOf(1)))
    await wire.write([Buffer.concat(Array<Buffer>(1_000).fill(find))], 5_000).catch(() => {}) // it may be over before it is sent
    await until(() => wire.dead, 'the victim breaks the stream off')
    const start = performance.now()
    while ((await askKad(user, grid.address, kadMessage(KAD.FIND_NODE, keyOf(1)))) === 'broken off') {
      expect(performance.now() - start).toBeLessThan(10_000)
    }
  })
  it('20,000 provider records, padded ones among them: none is kept, the heap is back within 20 %', async () => {
    await grid.client.user.status()
    const before = await grid.victim.memory()
    for (let sent = 0; sent < 20_000; ) {
      const wire = await openKad(slave, grid.address)
      while (!wire.dead && sent < 20_000) {
        const batch = Array.from({ length: 50 }, () =>
          framed(provides(slave, keyOf(sent++), sent % 10 === 0 ? 3_000 : 0))
        )
        await wire.write(batch, 5_000).catch(() => {}) // broken off
      }
      wire.abort(new Error('another'))
    }
    for (let number = 0; number < 20; number++) {
      const answer = await askKad(user, grid.address, kadMessage(KAD.GET_PROVIDERS, keyOf(number * 997)))
      if (answer !== 'broken off') expect(named(answer)).toEqual([])
    }
    const after = await grid.victim.memory()
    console.info(`heap before ${before.heapUsed}, after ${after.heapUsed}; resident ${before.rss}, ${after.rss}`)
    expect(after.heapUsed).toBeLessThan(1.2 * before.heapUsed)
    const start = performance.now()
    await grid.client.user.status()
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})

describe('what a node keeps of peers', () => {
  it('of a stranger nothing, of a member 8 addresses at most, the newest among them', async () => {
    const roster = new OpenRoster()
    const node = await openHostile('keeps', roster)
    await expect(node.peerStore.merge(user.peerId, { multiaddrs: [] })).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
    expect(await node.peerStore.has(user.peerId)).toBe(false)
    roster.admit(user.peerId.toString() as never, ['user'])
    for (let port = 1; port <= 100; port++) {
      await node.peerStore.merge(user.peerId, { multiaddrs: [multiaddr(`/ip4/127.0.0.1/tcp/${port}`)] })
    }
    const { addresses } = await node.peerStore.get(user.peerId)
    expect(addresses).toHaveLength(MOST_ADDRESSES)
    expect(addresses.map(({ multiaddr }) => String(multiaddr))).toContain('/ip4/127.0.0.1/tcp/100')
    await node.stop()
  })
})
