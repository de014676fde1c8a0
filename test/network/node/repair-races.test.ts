import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import type { ImageId } from '../../../base/ids.ts'
import type { Stored } from '../../../indexing/image-record.ts'
import type { MasterInit } from '../../../node/master/master-init.ts'
import { repairOrder } from '../../../node/repair/repair-order.ts'
import { cosignRecord } from '../../../protocols/cosign-record.ts'
import { candidateSlaves } from '../../../node/placement/choose-slaves.ts'
import { putShadow } from '../../../protocols/put-shadow.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import { type GridInit, HospitalGrid, picture } from './hospital-grid.ts'

const MASTER: MasterInit = {
  orphanGraceMs: 60_000,
  reconcileMs: 10_000,
  repair: { afterMs: 30_000, scanMs: 1_000, takeOverMs: 600_000 },
  threshold: { fixed: { threshold: 2, total: 3 } }
}

const startGrid = (init: GridInit = {}): Promise<HospitalGrid> =>
  new HospitalGrid({ slaves: 6, ...init, master: { ...MASTER, ...init.master } }).start()

/** A network in which an image is stored, and who holds it. */
async function stored(init: GridInit = {}) {
  const grid = await startGrid(init)
  const { id, holders } = await grid.run(grid.owner.role.store(picture(1)))
  return { grid, id, holders, killHolder: (at = 0) => grid.kill(holderAt(grid, holders[at])) }
}

const holderAt = (grid: HospitalGrid, peer: string) =>
  grid.slaves.find(each => each.peer === peer) ?? grid.slaves[grid.slaves.length]

const storedAt = async (grid: HospitalGrid, image: ImageId, at = 0): Promise<Stored> => {
  const held = (await grid.masters[at].records.get(image))?.record.stored
  if (held === undefined) throw new Error('not stored')
  return held
}

const counters = (grid: HospitalGrid, image: ImageId): Promise<number[]> =>
  Promise.all(grid.masters.map(async (_, at) => (await storedAt(grid, image, at)).version.counter))

/** How often each master asks for another's word from now on. */
function countAsked(grid: HospitalGrid): Map<string, number> {
  const asked = new Map<string, number>()
  for (const { peer, life } of grid.masters) {
    const request = life.network.request.bind(life.network)
    life.network.request = (to, protocol, ...rest) => {
      if (protocol.id === cosignRecord.id) asked.set(peer, (asked.get(peer) ?? 0) + 1)
      return request(to, protocol, ...rest)
    }
  }
  return asked
}

describe('who repairs', () => {
  it('of 3 masters the owner of the repair alone; each image is shared anew once', async () => {
    const { grid, id, killHolder } = await stored({ masters: 3 })
    const asked = countAsked(grid)
    killHolder()
    await grid.when(async () => (await counters(grid, id)).every(counter => counter === 2))
    await grid.pass(120_000)
    const [owner] = repairOrder(
      id,
      grid.masters.map(({ peer }) => peer)
    )
    expect([...asked]).toEqual([[owner, 1]])
    expect(await counters(grid, id)).toEqual([2, 2, 2])
  })

  it('the owner of the repair is dead: the next takes over at once, long before takeOverMs', async () => {
    const { grid, id, killHolder } = await stored({ masters: 3 })
    const [owner, next] = repairOrder(
      id,
      grid.masters.map(({ peer }) => peer)
    )
    const dead = grid.masters.findIndex(({ peer }) => peer === owner)
    grid.kill(grid.masters[dead])
    killHolder()
    const began = grid.world.loop.now
    const other = grid.masters.findIndex(({ peer }) => peer === next)
    await grid.when(async () => (await storedAt(grid, id, other)).version.counter === 2)
    expect((await storedAt(grid, id, other)).version.master).toBe(next)
    expect(grid.world.loop.now - began).toBeLessThan(120_000)
  })

  it('the owner lives and does not repair: another takes over after takeOverMs', async () => {
    const repair = { ...MASTER.repair, takeOverMs: 60_000 }
    const { grid, id, killHolder } = await stored({ masters: 3, master: { repair } })
    const [owner] = repairOrder(
      id,
      grid.masters.map(({ peer }) => peer)
    )
    const { life } = grid.masters.find(({ peer }) => peer === owner) ?? grid.masters[0]
    const request = life.network.request.bind(life.network)
    life.network.request = async (to, protocol, ...rest) => {
      if (protocol.id === putShadow.id) throw new TypeError('broken')
      return request(to, protocol, ...rest)
    }
    killHolder()
    await grid.when(async () => (await counters(grid, id)).every(counter => counter === 2))
    expect((await storedAt(grid, id)).version.master).not.toBe(owner)
  })

  it('two masters that see nobody else repair the same image at once: one sharing wins everywhere, the other is dropped', async () => {
    const { grid, id, killHolder } = await stored({ masters: 4 })
    // Each sees one other master only: 0 with 2, and 1 with 3.
    const names = grid.masters.map(({ peer }) => peer)
    let isCut = true
    for (const [at, { life }] of grid.masters.entries()) {
      const request = life.network.request.bind(life.network)
      life.network.request = async (to, protocol, ...rest) => {
        const other = names.indexOf(to)
        if (isCut && other >= 0 && (other - at) % 2 !== 0) throw new NetError('PEER_UNREACHABLE', 'cut')
        return request(to, protocol, ...rest)
      }
    }
    const asked = countAsked(grid)
    killHolder()
    await grid.when(() => asked.size >= 2)
    await grid.pass(5_000)
    isCut = false
    await grid.when(async () => {
      const held = await Promise.all(grid.masters.map((_, at) => storedAt(grid, id, at)))
      return held.every(
        ({ placement, version }) => version.counter >= 2 && placement.sharing === held[0].placement.sharing
      )
    })
    await grid.when(async () => {
      const { placement } = await storedAt(grid, id)
      const lists = await Promise.all(
        grid.slaves.filter(({ life }) => life.network.alive).map(({ shadows }) => shadows.list())
      )
      return lists.flat().length === 3 && lists.flat().every(({ sharing }) => sharing === placement.sharing)
    })
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
  })
})

describe('a repair that does not come to its end', () => {
  it('a sole master shares nothing anew on its own word, and says why; with a second one it does', async () => {
    const { grid, id, killHolder } = await stored({ masters: 1 })
    killHolder()
    await grid.pass(600_000)
    expect(await counters(grid, id)).toEqual([1])
    grid.addMaster('master 1', 'master site 1')
    await grid.run(grid.masters[1].role.start())
    await grid.when(async () => (await counters(grid, id)).every(counter => counter === 2))
  })

  it('nobody seconds: the new shadows go, the old ones stay, and it is tried again, ever later', async () => {
    const { grid, id, killHolder } = await stored()
    for (const { life } of grid.masters)
      life.network.tamper = (protocol, bytes) =>
        protocol === cosignRecord.id ? cosignRecord.answer.encode({ signature: new Uint8Array(64) }) : bytes
    const asked = countAsked(grid)
    killHolder()
    await grid.pass(300_000)
    const tries = [...asked.values()].reduce((sum, each) => sum + each, 0)
    expect(tries).toBeGreaterThan(1)
    expect(tries).toBeLessThan(10)
    expect(await counters(grid, id)).toEqual([1, 1])
    const alive = grid.slaves.filter(({ life }) => life.network.alive)
    expect((await Promise.all(alive.map(({ shadows }) => shadows.list()))).flat()).toHaveLength(2)
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
  })

  it('no old shadow goes before the new record is kept by two masters', async () => {
    const { grid, id, killHolder } = await stored()
    for (const { life } of grid.masters) {
      const request = life.network.request.bind(life.network)
      life.network.request = async (to, protocol, ...rest) => {
        if (protocol.id !== syncRecords.id || !('push' in (rest[0] as object))) return request(to, protocol, ...rest)
        return await new Promise<never>(() => {}) // nobody ever answers
      }
    }
    const asked = countAsked(grid)
    killHolder()
    await grid.when(() => asked.size > 0)
    await grid.pass(8_000)
    expect(await counters(grid, id)).toEqual([1, 1])
    const { placement } = await storedAt(grid, id)
    const alive = grid.slaves.filter(({ life }) => life.network.alive)
    const old = (await Promise.all(alive.map(({ shadows }) => shadows.list()))).flat()
    expect(old.filter(({ sharing }) => sharing === placement.sharing)).toHaveLength(2)
  })

  it('a master that is killed over a repair: what it had put goes once it lives again, and the image is shared anew', async () => {
    const { grid, id, killHolder } = await stored()
    const [owner] = repairOrder(
      id,
      grid.masters.map(({ peer }) => peer)
    )
    const at = grid.masters.findIndex(({ peer }) => peer === owner)
    const { life } = grid.masters[at]
    const request = life.network.request.bind(life.network)
    let killed = false
    life.network.request = async (to, protocol, ...rest) => {
      if (protocol.id !== cosignRecord.id) return request(to, protocol, ...rest)
      grid.kill(grid.masters[at])
      killed = true
      return await new Promise<never>(() => {})
    }
    killHolder()
    await grid.when(() => killed)
    await grid.reviveMaster(at)
    await grid.when(async () => (await counters(grid, id)).every(counter => counter === 2))
    const { placement } = await storedAt(grid, id)
    await grid.when(async () => {
      const alive = grid.slaves.filter(each => each.life.network.alive)
      const lists = (await Promise.all(alive.map(({ shadows }) => shadows.list()))).flat()
      return lists.length === 3 && lists.every(({ sharing }) => sharing === placement.sharing)
    })
  })
})

describe('a slave that lives and lost its shadows of many images', () => {
  for (const [slaves, isChosen] of [
    [4, false],
    [3, true]
  ] as const) {
    it(`of ${slaves} slaves, (2, 3): it is ${isChosen ? 'chosen again, there is no other' : 'chosen for none of them again'}`, async () => {
      const grid = await startGrid({ slaves, sites: 1 })
      for (let n = 0; n < 14; n++) await grid.run(grid.owner.role.store(picture(n)))
      const [{ shadows, peer }] = grid.slaves
      const lost = await shadows.list()
      for (const entry of lost) await shadows.drop(entry, { reason: 'aborted', time: 0 })
      expect(lost.length).toBeGreaterThan(3)
      await grid.when(async () => {
        const all = await Promise.all(lost.map(({ image }) => counters(grid, image)))
        return all.flat().every(counter => counter === 2)
      })
      for (const { image } of lost) {
        const { placement } = await storedAt(grid, image)
        expect(placement.holders.some(({ slave }) => slave === peer)).toBe(isChosen)
      }
    })
  }
})

describe('which slaves may have a new shadow', () => {
  it('none that is silent, none that leaves', async () => {
    const grid = await startGrid()
    const [dead, leaver, ...others] = grid.slaves
    grid.kill(dead)
    leaver.leaving = true
    await grid.pass(10_000)
    const candidates = candidateSlaves(grid.masters[0].role.peers, { bytes: 0, except: new Set() })
    expect(candidates.map(({ slave }) => slave).sort()).toEqual(others.map(({ peer }) => peer).sort())
  })
})

describe('a slave that one master alone does not hear', () => {
  it('keeps its shadows, though it was silent there for ten times the grace: a second master hears it', async () => {
    const { grid, id, holders } = await stored()
    for (const { life } of grid.masters.slice(0, 1)) {
      const request = life.network.request.bind(life.network)
      life.network.request = async (to, ...rest) => {
        if (to === holders[0]) throw new NetError('PEER_UNREACHABLE', 'cut')
        return request(to, ...rest)
      }
    }
    await grid.pass(300_000)
    expect(grid.masters[0].role.peers.standing(holders[0])).toBe('dead')
    expect(await counters(grid, id)).toEqual([1, 1])
  })
})
