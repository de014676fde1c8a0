import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../base/random.ts'
import { ROLES } from '../../base/roles.ts'
import type { Protocol } from '../../protocols/network.ts'
import type { Libp2pNode } from '../../protocols/transport/create-libp2p.ts'
import { ALL_MESSAGES } from '../unit/protocols/messages.ts'
import { HostileGrid } from './hostile-grid.ts'
import { withinTime } from './within-time.ts'

type Any = Protocol<unknown, unknown>

const PROTOCOLS = ALL_MESSAGES.map(({ protocol }) => protocol as unknown as Any)
const LIBP2P = ['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0', '/sfmedir/kad/1.0.0']
const ONLY_TELLS = '/ipfs/id/1.0.0' // who opens it is told and not heard
const QUIET_MS = 300
const AT_ONCE = 4 // a member has 8 connections at most
const TRIES = 5 // those that were just given up may still count

const grid = new HostileGrid()
const random = seededRandom('garbage')
let hostile: Libp2pNode

beforeAll(async () => {
  await grid.start({ victim: ['master', 'slave'], hostile: { hostile: ROLES } })
  hostile = await grid.node('hostile')
})
afterAll(() => grid.stop())

const bytes = (length: number): Buffer => Buffer.from(random.fill(new Uint8Array(length)))

/** What a hostile peer says on a stream, by name. */
function garbage(protocol: Pick<Any, 'stream' | 'maxRequestBytes'>): Record<string, Buffer> {
  const length = (value: number): Buffer => {
    const field = Buffer.alloc(4)
    field.writeUInt32BE(value)
    return field
  }
  const head = (value: number): Buffer =>
    protocol.stream === 'own'
      ? Buffer.concat([length(value), bytes(32)])
      : Buffer.concat([length(value), length(7), Buffer.of(0)])
  const whole = Buffer.concat([head(100), bytes(100)])
  return {
    'random bytes': bytes(1_000),
    zeros: Buffer.alloc(1_000),
    'a frame of random bytes': whole,
    'half a frame': whole.subarray(0, 60),
    'half a header': whole.subarray(0, 3),
    'a length beyond the limit': Buffer.concat([head(protocol.maxRequestBytes + 1), bytes(1_000)]),
    'the largest length': head(0xffffffff),
    'an empty frame': head(0),
    'ten frames in one': Buffer.concat(Array<Buffer>(10).fill(whole))
  }
}

/** Say it on a stream of a connection of its own, look on until the victim ends the stream or is quiet, and leave; false when it ended the stream before. */
async function say(id: string, what: Buffer): Promise<boolean> {
  const connection = await hostile.dial(multiaddr(grid.address), { force: true })
  const stream: Stream = await connection.newStream(id)
  stream.addEventListener('message', () => {})
  if (stream.writeStatus !== 'writable') return false
  stream.send(what)
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, QUIET_MS)
    stream.addEventListener('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  connection.abort(new Error('said'))
  return true
}

async function sayAtLast(id: string, what: Buffer): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried++) if (await say(id, what).catch(() => false)) return true
  return false
}

/** The protocol ids that stand in the sources. */
function idsInSources(): string[] {
  const folder = join(import.meta.dirname, '../../protocols')
  const sources = readdirSync(folder).filter(name => name.endsWith('.ts'))
  return sources.flatMap(
    name => readFileSync(join(folder, name), 'utf8').match(/\/sfmedir\/[a-z-]+\/\d+\.\d+\.\d+/g) ?? []
  )
}

describe('garbage', { timeout: 180_000 }, () => {
  it('the protocols it goes to are all there are: those in the sources, and those that a master and slave speaks', async () => {
    const ours = PROTOCOLS.map(({ id }) => id)
    expect(ours.toSorted()).toEqual([...new Set(idsInSources())].toSorted())
    const { remotePeer } = await hostile.dial(multiaddr(grid.address))
    let spoken: string[] = []
    while (spoken.length === 0) {
      await grid.client.user.status() // until it has been identified
      spoken = (await hostile.peerStore.get(remotePeer)).protocols
    }
    expect(spoken.toSorted()).toEqual([...ours, ...LIBP2P].toSorted())
  })
  it(`to every protocol, each on a connection of its own: honest callers are served, the heap is back within 20 %`, async () => {
    const others = LIBP2P.map(id => ({ id, stream: 'own' as const, maxRequestBytes: 8_192 }))
    const image = Buffer.alloc(2_000, 'an image')
    await grid.client.user.search(image, { k: 1 })
    const before = await grid.victim.memory()
    for (const protocol of [...PROTOCOLS, ...others]) {
      const words = Object.values(garbage(protocol))
      const said: boolean[] = []
      while (words.length > 0) {
        said.push(...(await Promise.all(words.splice(0, AT_ONCE).map(what => sayAtLast(protocol.id, what)))))
      }
      if (protocol.id !== ONLY_TELLS) expect(said, protocol.id).not.toContain(false)
      await withinTime(`a status after ${protocol.id}`, () => grid.client.user.status())
    }
    await withinTime('a search', () => grid.client.user.search(image, { k: 1 }))
    const after = await grid.victim.memory()
    console.info(
      `seed garbage; heap ${before.heapUsed} -> ${after.heapUsed}, resident ${before.rss} -> ${after.rss}, files ${before.files} -> ${after.files}`
    )
    expect(after.heapUsed).toBeLessThan(1.2 * before.heapUsed)
    expect(after.files).toBeLessThan(before.files + 20)
  })
})
