import { describe, expect, it } from 'vitest'
import { HospitalGrid, picture } from './hospital-grid.ts'

describe('store, search, fetch', () => {
  it('2 masters, 5 slaves: 6 images come back bit for bit, the nearest first, with names only their keys can read', async () => {
    const grid = await new HospitalGrid().start()
    const images = Array.from({ length: 6 }, (_, i) => picture(i, 1000 + 777 * i))
    const stored = []
    for (const [i, image] of images.entries()) {
      stored.push(await grid.run(grid.owner.role.store(image, { name: `slice ${i}`, labels: ['brain'] })))
    }
    for (const { total, holders, masters } of stored) {
      expect(total).toBeGreaterThanOrEqual(3)
      expect(new Set(holders).size).toBe(total)
      expect(masters).toBe(2)
    }
    const found = await grid.run(grid.user.role.search(images[3], { k: 3 }))
    expect(found.map(({ rank }) => rank)).toEqual([1, 2, 3])
    expect(found[0]).toMatchObject({
      id: stored[3].id,
      distance: 0,
      metadata: { name: 'slice 3', labels: ['brain'] }
    })
    expect(found[1].distance).toBeGreaterThan(0)
    for (const [i, { id }] of stored.entries()) {
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), images[i])).toBe(0)
    }
    const status = await grid.run(grid.user.role.status())
    expect(status).toMatchObject({ images: 6, healthy: 6, degraded: 0, unreadable: 0 })
    expect(status.slaves.filter(({ alive }) => alive)).toHaveLength(5)
    expect(status.masters.filter(({ alive }) => alive)).toHaveLength(2)
  })

  it('the same seed gives the same history, event by event; another seed another one', async () => {
    const history = async (seed: number): Promise<string> => {
      const grid = await new HospitalGrid({ seed }).start()
      const stored = await grid.run(Promise.all([1, 2, 3].map(each => grid.owner.role.store(picture(each)))))
      grid.kill(grid.slaves[0])
      for (const { id } of stored) await grid.run(grid.user.role.fetch(id))
      await grid.pass(60_000)
      return `${grid.world.loop.events} ${grid.world.log.digest()}`
    }
    const first = await history(5)
    expect(await history(5)).toBe(first)
    expect(await history(6)).not.toBe(first)
  })
})
