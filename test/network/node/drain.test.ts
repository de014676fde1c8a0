import { describe, expect, it } from 'vitest'
import { HospitalGrid, picture } from './hospital-grid.ts'

const EVERY = { threshold: { fixed: { threshold: 2, total: 3 } } }

describe('a master that drains', () => {
  it('ends the store in hand well, takes no other, and still searches', async () => {
    const grid = await new HospitalGrid({ masters: 1, slaves: 3, sites: 3, master: EVERY }).start()
    const [{ role: master }] = grid.masters
    const first = await grid.run(grid.owner.role.seal(picture(1)))
    const second = await grid.run(grid.owner.role.seal(picture(2)))
    for (const { life } of grid.slaves) life.freeze()
    const storing = grid.owner.role.send(first)
    await grid.when(() => master.storing === 1)
    const drained = master.drain()
    const refused = grid.codeOf(grid.owner.role.send(second))
    for (const { life } of grid.slaves) life.thaw()
    expect((await grid.run(storing)).id).toBe(first.id)
    await grid.run(drained)
    expect(await refused).toBe('BUSY')
    expect((await grid.run(grid.user.role.search(picture(1)))).map(({ id }) => id)).toEqual([first.id])
  })

  it('waits no longer than its limit', async () => {
    const grid = await new HospitalGrid({ masters: 1, slaves: 3, sites: 3, master: EVERY }).start()
    const [{ role: master }] = grid.masters
    for (const { life } of grid.slaves) life.freeze()
    grid.run(grid.owner.role.store(picture(1))).catch(() => {})
    await grid.when(() => master.storing === 1)
    const began = grid.world.loop.now
    await grid.run(master.drain(1000))
    expect(grid.world.loop.now - began).toBe(1000)
    expect(master.storing).toBe(1)
  })
})
