import { describe } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import type { PeerId } from '../../../base/ids.ts'
import type { AnswererInit } from '../../../protocols/answerer.ts'
import type { OpenNetwork } from '../../../protocols/transport/open-network.ts'
import { directorySuite } from '../../contract/directory-suite.ts'
import { networkSuite, type NetworkWorld } from '../../contract/network-suite.ts'
import { nameOfSeed, OpenRoster, openPeer, seedOf } from './peers.ts'

async function openWorld(init: AnswererInit = {}): Promise<NetworkWorld> {
  const roster = new OpenRoster()
  const peers: OpenNetwork[] = []
  const stranger: PeerId = await nameOfSeed(seedOf('stranger'))
  return {
    join: async (label, roles) => {
      const bootstrap = peers.flatMap(peer => peer.addresses())
      const peer = await openPeer(roster, label, { roles, bootstrap, clock: systemClock, ...init })
      peers.push(peer)
      return peer.network
    },
    kill: async network => await peers.find(peer => peer.network === network)?.stop(),
    stranger: () => stranger,
    settle: work => work,
    close: async () => {
      await Promise.all(peers.map(peer => peer.stop()))
    }
  }
}

describe('Libp2pNetwork over TCP on loopback', () => {
  networkSuite('shared', openWorld)
  networkSuite('own', openWorld)
})

describe('KadDirectory over TCP on loopback', () => {
  directorySuite(async () => {
    const roster = new OpenRoster()
    const peers: OpenNetwork[] = []
    return {
      join: async (label, roles) => {
        const bootstrap = peers.slice(0, 1).flatMap(peer => peer.addresses())
        const peer = await openPeer(roster, label, { roles, bootstrap })
        peers.push(peer)
        return { self: peer.network.self, directory: peer.directory }
      },
      settle: work => work,
      close: async () => {
        await Promise.all(peers.map(peer => peer.stop()))
      }
    }
  })
})
