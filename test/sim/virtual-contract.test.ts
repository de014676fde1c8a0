import { describe } from 'vitest'
import type { PeerId } from '../../base/ids.ts'
import type { AnswererInit } from '../../protocols/answerer.ts'
import type { Network } from '../../protocols/network.ts'
import { virtualPeerId } from '../../sim/virtual/virtual-name.ts'
import { type VirtualLife, VirtualWorld } from '../../sim/virtual/virtual-world.ts'
import { directorySuite } from '../contract/directory-suite.ts'
import { networkSuite, type NetworkWorld } from '../contract/network-suite.ts'

async function openWorld(init: AnswererInit = {}): Promise<NetworkWorld> {
  const world = new VirtualWorld({ seed: 1, ...init })
  const lives = new Map<Network, VirtualLife>()
  const stranger: PeerId = virtualPeerId('stranger')
  return {
    join: async (label, roles) => {
      const life = world.live(world.admit(label, roles))
      lives.set(life.network, life)
      return life.network
    },
    kill: async network => lives.get(network)?.kill(),
    stranger: () => stranger,
    settle: work => world.loop.until(work),
    close: async () => {}
  }
}

describe('VirtualNetwork', () => {
  networkSuite('shared', openWorld)
  networkSuite('own', openWorld)
})

describe('VirtualDirectory', () => {
  directorySuite(async () => {
    const world = new VirtualWorld({ seed: 1 })
    return {
      join: async (label, roles) => {
        const { network, directory } = world.live(world.admit(label, roles))
        return { self: network.self, directory }
      },
      settle: work => world.loop.until(work),
      close: async () => {}
    }
  })
})
