import { createConnection, createServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { NetError } from '../../../base/errors.ts'
import { seededRandom } from '../../../base/random.ts'
import { ROLES } from '../../../base/roles.ts'
import { findPeers } from '../../../protocols/find-peers.ts'
import { liveness } from '../../../protocols/liveness.ts'
import { prepareNetwork } from '../../../protocols/transport/open-network.ts'
import { codeOf } from '../../contract/network-suite.ts'
import { nameOfSeed, OpenRoster, openPeer, seedOf, until } from './peers.ts'

const GONE = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

const HELLO = '\x13/multistream/1.0.0\n' // the first line of every connection, both ways

function portOf(address: string): number {
  return Number(/tcp\/(\d+)/.exec(address)?.[1])
}

function listenOn(server: Server): Promise<number> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

describe('openNetwork', () => {
  it('a port in use: PORT_IN_USE', async () => {
    const server = createServer()
    const port = await listenOn(server)
    const opening = openPeer(new OpenRoster(), 'a', { roles: ['master'], listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    expect(await codeOf(opening)).toBe('PORT_IN_USE')
    server.close()
  })
  it('one of two ports in use: PORT_IN_USE, and the other is free again', async () => {
    const server = createServer()
    const port = await listenOn(server)
    const other = createServer()
    const free = await listenOn(other)
    await new Promise(resolve => other.close(resolve))
    const listen = [`/ip4/127.0.0.1/tcp/${free}`, `/ip4/127.0.0.1/tcp/${port}`]
    expect(await codeOf(openPeer(new OpenRoster(), 'a', { roles: ['master'], listen }))).toBe('PORT_IN_USE')
    const again = await openPeer(new OpenRoster(), 'a', { roles: ['master'], listen: listen.slice(0, 1) })
    await again.stop()
    server.close()
  })
  it('an unreachable bootstrap: BOOTSTRAP_UNREACHABLE within its time', async () => {
    const start = performance.now()
    const opening = openPeer(new OpenRoster(), 'a', { roles: ['user'], bootstrap: [GONE], bootstrapMs: 700 })
    expect(await codeOf(opening)).toBe('BOOTSTRAP_UNREACHABLE')
    expect(performance.now() - start).toBeLessThan(5_000)
  })
  it('an address that is none: CONFIG_INVALID', async () => {
    for (const changes of [
      { listen: ['localhost:4001'] },
      { bootstrap: ['nowhere'] },
      { listen: ['/ip4/192.0.2.1/tcp/0'] }
    ]) {
      expect(await codeOf(openPeer(new OpenRoster(), 'a', { roles: ['user'], ...changes }))).toBe('CONFIG_INVALID')
    }
  })
  it('a bootstrap that comes up later is reached', async () => {
    const roster = new OpenRoster()
    const probe = createServer()
    const port = await listenOn(probe)
    await new Promise(resolve => probe.close(resolve))
    const name = await nameOfSeed(seedOf('late'))
    roster.admit(name, ['master'])
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    const early = openPeer(roster, 'early', { roles: ['slave'], bootstrap: [`${listen[0]}/p2p/${name}`] })
    const late = await openPeer(roster, 'late', { roles: ['master'], listen })
    const peer = await early
    expect(peer.network.connected()).toEqual([name])
    await Promise.all([peer.stop(), late.stop()])
  })
  it('who comes before the handlers stand waits at the door, and is answered once they do', async () => {
    const roster = new OpenRoster()
    const init = { roster, listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [], dht: 'server' as const, clock: systemClock }
    const seed = seedOf('starting')
    roster.admit(await nameOfSeed(seed), ['master'])
    const starting = await prepareNetwork({ ...init, seed, random: seededRandom('starting') })
    const early = createConnection(portOf(starting.addresses()[0]))
    let told = ''
    early.on('data', data => {
      told += data
    })
    early.write(HELLO)
    for (let round = 0; round < 10; round++) {
      const other = createConnection(portOf(starting.addresses()[0]))
      other.on('error', () => {}).end('nonsense')
      await new Promise(resolve => other.on('close', resolve)) // the door reads, and has read what came before
    }
    expect(told).toBe('')
    starting.network.handle(liveness, () => Promise.reject(new NetError('STORE_FULL', 'an answer')))
    await starting.join()
    await until(() => told === HELLO, 'who waited is answered')
    const member = await openPeer(roster, 'member', { roles: ['user'], bootstrap: starting.addresses() })
    expect(await codeOf(member.network.request(starting.network.self, liveness, {}))).toBe('STORE_FULL')
    early.destroy()
    await Promise.all([starting.stop(), member.stop()])
  })
  it('stops twice, and ends what is under way; its own address among the bootstraps is passed over', async () => {
    const roster = new OpenRoster()
    const name = await nameOfSeed(seedOf('a'))
    const peer = await openPeer(roster, 'a', { roles: ROLES, bootstrap: [`/ip4/127.0.0.1/tcp/9/p2p/${name}`] })
    const other = await openPeer(roster, 'b', { roles: ROLES, bootstrap: peer.addresses() })
    other.network.handle(liveness, () => new Promise(() => {}))
    const code = codeOf(peer.network.request(other.network.self, liveness, {}))
    await other.stop()
    await other.stop()
    expect(await code).toBe('PEER_UNREACHABLE')
    await peer.stop()
  })
  it('a peer asks itself as it asks others', async () => {
    const peer = await openPeer(new OpenRoster(), 'a', { roles: ['master'] })
    await peer.directory.announce('master')
    const { peers } = await peer.network.request(peer.network.self, findPeers, { role: 'master' })
    expect(peers).toEqual([{ peer: peer.network.self, addresses: peer.addresses() }])
    expect(await codeOf(peer.network.request(peer.network.self, liveness, {}))).toBe('PROTOCOL_UNSUPPORTED')
    await peer.stop()
  })
})
