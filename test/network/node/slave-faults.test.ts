import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import type { ImageId } from '../../../base/ids.ts'
import { putShadow } from '../../../protocols/put-shadow.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

const TEN = { slaves: 10, sites: 5, master: { threshold: { fixed: { threshold: 6, total: 10 } } } }

/** A grid with one stored image. */
async function stored(init: ConstructorParameters<typeof HospitalGrid>[0]) {
  const grid = await new HospitalGrid(init).start()
  const image = picture(7, 5000)
  const { id, holders } = await grid.run(grid.owner.role.store(image))
  const held = grid.slaves.filter(({ peer }) => holders.includes(peer))
  return { grid, image, id, held }
}

const isBack = async (grid: HospitalGrid, id: ImageId, image: Uint8Array): Promise<boolean> =>
  Buffer.compare(await grid.run(grid.user.role.fetch(id)), image) === 0

describe('slaves fail', () => {
  for (const down of [1, 2, 3, 4]) {
    it(`r=6 s=10: rebuilds with ${down} slaves down`, async () => {
      const { grid, image, id, held } = await stored(TEN)
      for (const slave of held.slice(0, down)) grid.kill(slave)
      expect(await isBack(grid, id, image)).toBe(true)
    })
  }

  it('r=6 s=10: NOT_ENOUGH_SHADOWS with 5 slaves down, and rebuilds once one is back', async () => {
    const { grid, image, id, held } = await stored(TEN)
    for (const slave of held.slice(0, 5)) grid.kill(slave)
    expect(await grid.codeOf(grid.user.role.fetch(id))).toBe('NOT_ENOUGH_SHADOWS')
    await grid.when(async () => (await grid.run(grid.user.role.status())).unreadable === 1)
    await grid.reviveSlave(grid.slaves.indexOf(held[2]))
    expect(await isBack(grid, id, image)).toBe(true)
    expect(await grid.run(grid.user.role.status())).toMatchObject({ images: 1, degraded: 1, unreadable: 0 })
  })

  it('r=6 s=10: rebuilds with 4 slaves hung, within 5 s of virtual time', async () => {
    const { grid, image, id, held } = await stored(TEN)
    for (const slave of held.slice(0, 4)) slave.life.freeze()
    const began = grid.world.loop.now
    expect(await isBack(grid, id, image)).toBe(true)
    expect(grid.world.loop.now - began).toBeLessThan(5000)
  })

  it('r=6 s=10: rebuilds with 4 slaves that lie, which count against them and show as lost', async () => {
    const { grid, image, id, held } = await stored(TEN)
    const liars = held.slice(0, 4)
    for (const { life } of liars) {
      life.network.tamper = (protocol, answer) => {
        if (!protocol.includes('get-shadow')) return answer
        const altered = answer.slice()
        altered[altered.length - 40] ^= 1
        return altered
      }
    }
    for (let i = 0; i < 6; i++) expect(await isBack(grid, id, image)).toBe(true)
    const strikes = liars.map(({ peer }) => grid.masters.map(({ role }) => role.peers.get(peer)?.strikes ?? 0))
    expect(strikes.flat().some(count => count > 0.9)).toBe(true)
    const honest = held
      .slice(4)
      .flatMap(({ peer }) => grid.masters.map(({ role }) => role.peers.get(peer)?.strikes ?? 0))
    expect(honest.every(count => count === 0)).toBe(true)
  })

  it('r=6 s=10: rebuilds with 4 slaves that forgot their shadows; the reconciling notes them as lost', async () => {
    const { grid, image, id, held } = await stored(TEN)
    for (const { shadows } of held.slice(0, 4))
      for (const entry of await shadows.list()) await shadows.drop(entry, { reason: 'deleted', time: 0 })
    expect(await isBack(grid, id, image)).toBe(true)
    for (const { peer } of held) for (const { role } of grid.masters) await grid.run(role.reconcile(peer))
    expect(await grid.run(grid.user.role.status())).toMatchObject({ healthy: 0, degraded: 1, unreadable: 0 })
  })

  it('a shadow swapped for one of another image, or replayed from an older sharing, is refused', async () => {
    const { grid, image, id, held } = await stored({ slaves: 3, sites: 3 })
    const other = await grid.run(grid.owner.role.store(picture(8, 5000)))
    const [{ shadows, life }] = held
    const [mine] = await shadows.list({ image: id })
    const [theirs] = await shadows.list({ image: other.id })
    const swapped = await shadows.get(theirs)
    life.network.tamper = (protocol, answer) => {
      const at = protocol.includes('get-shadow') ? Buffer.from(answer).indexOf(Buffer.from('shadow')) : -1
      if (at < 0) return answer
      const altered = answer.slice()
      altered.set(swapped.subarray(0, mine.bytes), altered.length - mine.bytes)
      return altered
    }
    expect(await isBack(grid, id, image)).toBe(true)
    grid.kill(held[1])
    expect(await grid.codeOf(grid.user.role.fetch(id))).toBe('NOT_ENOUGH_SHADOWS')
  })

  it('hung for a moment: one missed beat declares no slave dead', async () => {
    const { grid, held } = await stored({ slaves: 5 })
    const [{ life, peer }] = held
    life.freeze()
    await grid.when(() => grid.masters.every(({ role }) => role.peers.standing(peer) === 'suspect'))
    life.thaw()
    await grid.when(() => grid.masters.every(({ role }) => role.peers.standing(peer) === 'alive'))
  })
})

describe('slaves refuse', () => {
  it('s=3 of 5 slaves, 2 of them full: the others are chosen', async () => {
    const grid = await new HospitalGrid({ master: { threshold: { fixed: { threshold: 2, total: 3 } } } }).start()
    for (const { shadows } of grid.slaves.slice(0, 2)) {
      shadows.put = async () => {
        throw new NetError('STORE_FULL', 'full')
      }
    }
    for (let i = 0; i < 4; i++) {
      const { holders } = await grid.run(grid.owner.role.store(picture(i)))
      expect(new Set(holders)).toEqual(new Set(grid.slaves.slice(2).map(({ peer }) => peer)))
    }
    expect(await grid.shadowCount()).toBe(12)
  })

  it('s=3 of 4 slaves, one hung in the middle of the store: another is chosen', async () => {
    const grid = await new HospitalGrid({
      slaves: 4,
      sites: 4,
      master: { threshold: { fixed: { threshold: 2, total: 3 } } }
    }).start()
    const [slow] = grid.slaves
    slow.shadows.put = () => new Promise(() => {})
    for (let i = 0; i < 4; i++) {
      const { holders } = await grid.run(grid.owner.role.store(picture(i)))
      expect(holders).not.toContain(slow.peer)
    }
  })

  it('3 to 10 shadows, 5 slaves, 2 refusing: a smaller pair is drawn; 3 refusing: NOT_ENOUGH_SLAVES, nothing left', async () => {
    const grid = await new HospitalGrid({ slaves: 5 }).start()
    const refuse = async (): Promise<never> => {
      throw new NetError('STORE_READ_ONLY', 'read-only')
    }
    for (const { shadows } of grid.slaves.slice(0, 2)) shadows.put = refuse
    const { total } = await grid.run(grid.owner.role.store(picture(1)))
    expect(total).toBe(3)
    grid.slaves[2].shadows.put = refuse
    expect(await grid.codeOf(grid.owner.role.store(picture(2)))).toBe('NOT_ENOUGH_SLAVES')
    expect(await grid.shadowCount()).toBe(3)
    expect(grid.masters.map(({ records }) => records.size)).toEqual([1, 1])
  })

  it('2 slaves: NOT_ENOUGH_SLAVES before anything is placed', async () => {
    const grid = await new HospitalGrid({ slaves: 2 }).start()
    expect(await grid.codeOf(grid.owner.role.store(picture(1)))).toBe('NOT_ENOUGH_SLAVES')
    expect(await grid.shadowCount()).toBe(0)
  })

  it('a slave that signs for nothing holds no shadow of any record, and is struck', async () => {
    const grid = await new HospitalGrid({ slaves: 6, sites: 6 }).start()
    const [rogue] = grid.slaves
    rogue.life.signer.sign = () => new Uint8Array(64)
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { holders } = await grid.run(grid.owner.role.store(picture(seed)))
      expect(holders).not.toContain(rogue.peer)
    }
    const strikes = grid.masters.map(({ role }) => role.peers.get(rogue.peer)?.strikes ?? 0)
    expect(Math.max(...strikes)).toBeGreaterThan(0)
  })

  it('a slave refuses a second shadow of one sharing', async () => {
    const { grid, held } = await stored({ slaves: 3, sites: 3 })
    const [first, second] = held
    const [entry] = await first.shadows.list()
    const shadow = await first.shadows.get(entry)
    const request = { image: entry.image, sharing: entry.sharing, number: entry.number, asked: 1, counter: 1, shadow }
    const [{ life }] = grid.masters
    expect(await grid.codeOf(life.network.request(second.peer, putShadow, request))).toBe('SHADOW_CONFLICT')
  })
})
