import { describe, expect, it, vi } from 'vitest'
import { multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '../../../base/clock.ts'
import { createLibp2p, idOf } from '../../../protocols/transport/create-libp2p.ts'
import { VisitorLog } from '../../../protocols/transport/visitor-log.ts'
import { nameOfSeed, OpenRoster, openPeer, seedOf } from './peers.ts'

type Said = Readonly<Record<string, string | number>>

describe('VisitorLog', () => {
  it('a member that comes and goes is told with site and roles, a stranger as refused', async () => {
    const said: Said[] = []
    const roster = new OpenRoster()
    const log = (fact: string, fields = {}): void => void said.push({ fact, ...fields })
    const server = await openPeer(roster, 'server', { roles: ['master'], log })
    const [address] = server.addresses()
    const guest = await openPeer(roster, 'guest', { roles: ['slave'], listen: [], bootstrap: [address] })
    const peer = guest.network.self
    await vi.waitFor(() =>
      expect(said).toContainEqual({ fact: 'peer connected', peer, site: 'loopback', roles: 'slave' })
    )

    const strangers = new OpenRoster()
    strangers.admit(server.network.self, ['master'])
    const stranger = await createLibp2p({ seed: seedOf('stranger'), roster: strangers, listen: [], dht: 'client' })
    await stranger.dial(multiaddr(address)).catch(() => {})
    const refused = { fact: 'a peer outside the roster was refused', peer: idOf(stranger.peerId), times: 1 }
    await vi.waitFor(() => expect(said).toContainEqual(refused))

    await guest.stop()
    await vi.waitFor(() => expect(said).toContainEqual(expect.objectContaining({ fact: 'peer disconnected', peer })))
    expect(said.filter(each => each.peer === refused.peer)).toEqual([refused])
    await Promise.all([stranger.stop(), server.stop()])
  })

  it('a thousand strangers within ten seconds are one line, the next line counts them', async () => {
    const said: Said[] = []
    let now = 0
    const clock = { ...systemClock, monotonic: () => now }
    const log = (fact: string, fields = {}): void => void said.push({ fact, ...fields })
    const visitors = new VisitorLog({ roster: new OpenRoster(), clock, log })
    const peer = await nameOfSeed(seedOf('stranger'))
    for (let i = 0; i < 1000; i++) visitors.refuse(peer)
    expect(said.map(({ times }) => times)).toEqual([1])
    now = 10_000
    visitors.refuse(peer)
    expect(said.map(({ times }) => times)).toEqual([1, 1000])
  })
})
