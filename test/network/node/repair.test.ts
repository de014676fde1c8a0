import { describe, expect, it } from 'vitest'
import type { ImageId, PeerId } from '../../../base/ids.ts'
import type { MasterInit } from '../../../node/master/master-init.ts'
import { type GridInit, HospitalGrid, picture } from './hospital-grid.ts'

const AFTER_MS = 60_000
const MASTER: MasterInit = {
  orphanGraceMs: 60_000,
  reconcileMs: 10_000,
  repair: { afterMs: AFTER_MS, scanMs: 1_000, takeOverMs: 120_000 },
  threshold: { fixed: { threshold: 2, total: 3 } }
}

const startGrid = (init: GridInit = {}): Promise<HospitalGrid> =>
  new HospitalGrid({ slaves: 5, ...init, master: { ...MASTER, ...init.master } }).start()

async function storedOf(grid: HospitalGrid, image: ImageId, at = 0) {
  const stored = (await grid.masters[at].records.get(image))?.record.stored
  if (stored === undefined) throw new Error('not stored')
  return stored
}

const slaveAt = (grid: HospitalGrid, peer: PeerId): number => grid.slaves.findIndex(each => each.peer === peer)

const counterOf = async (grid: HospitalGrid, image: ImageId, at = 0): Promise<number> =>
  (await storedOf(grid, image, at)).version.counter

describe('repair', () => {
  it('(2, 3), a slave is lost: all 6 images lie on three live slaves again, seconded, with no old shadow left', async () => {
    const grid = await startGrid()
    const images: ImageId[] = []
    for (let n = 0; n < 6; n++) images.push((await grid.run(grid.owner.role.store(picture(n)))).id)
    const gone = grid.slaves[0]
    const hit: ImageId[] = []
    for (const image of images) if ((await gone.shadows.list({ image })).length > 0) hit.push(image)
    expect(hit.length).toBeGreaterThan(0)
    grid.kill(gone)
    await grid.when(async () => {
      const counters = await Promise.all(hit.map(image => counterOf(grid, image)))
      return counters.every(counter => counter === 2)
    })
    for (const [n, image] of images.entries()) {
      const { placement, cosign, version } = await storedOf(grid, image)
      expect(placement.holders.map(({ slave }) => slave)).not.toContain(gone.peer)
      expect(version.counter).toBe(hit.includes(image) ? 2 : 1)
      expect(cosign?.master === undefined).toBe(!hit.includes(image))
      expect(cosign?.master).not.toBe(version.master)
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(image)), picture(n))).toBe(0)
    }
    expect((await Promise.all(grid.slaves.slice(1).map(({ shadows }) => shadows.list()))).flat()).toHaveLength(18)
    await grid.pass(2_000)
    const reports = await Promise.all(grid.masters.map(({ role }) => grid.run(role.status())))
    for (const { healthy, degraded, repair } of reports) expect([healthy, degraded, repair.waiting]).toEqual([6, 0, 0])
    expect(reports.reduce((sum, { repair }) => sum + repair.repaired, 0)).toBe(hit.length)
  })

  it('a slave that is back after its images were shared anew: its shadows go on the proof of the newer record', async () => {
    const grid = await startGrid({ slaves: 4 })
    const { id, holders } = await grid.run(grid.owner.role.store(picture(1)))
    const at = slaveAt(grid, holders[0])
    grid.kill(grid.slaves[at])
    await grid.when(async () => (await counterOf(grid, id)) === 2)
    expect(await grid.slaves[at].shadows.list()).toHaveLength(1)
    await grid.reviveSlave(at)
    await grid.when(async () => (await grid.slaves[at].shadows.list()).length === 0)
    expect(await grid.slaves[at].shadows.listTrash()).toMatchObject([{ reason: 'replaced' }])
    expect(await counterOf(grid, id)).toBe(2)
  })

  for (const [what, awayMs] of [
    ['one missed beat', 3_000],
    ['half the grace', AFTER_MS / 2]
  ] as const) {
    it(`a slave that is silent for ${what}: nothing is shared anew, its shadows stay`, async () => {
      const grid = await startGrid()
      const { id, holders } = await grid.run(grid.owner.role.store(picture(1)))
      const { life, shadows } = grid.slaves[slaveAt(grid, holders[0])]
      life.freeze()
      await grid.pass(awayMs)
      life.thaw()
      await grid.pass(3 * AFTER_MS)
      expect(await counterOf(grid, id)).toBe(1)
      expect(await shadows.list()).toHaveLength(1)
    })
  }
})

describe('a slave that leaves', () => {
  it('its images move until no record names it, nothing new goes there, also after masters start anew; nothing is lost', async () => {
    const grid = await startGrid()
    const images: ImageId[] = []
    for (let n = 0; n < 6; n++) images.push((await grid.run(grid.owner.role.store(picture(n)))).id)
    grid.slaves[0].leaving = true
    const leaver = grid.slaves[0].peer
    for (const at of [0, 1]) {
      grid.kill(grid.masters[at])
      await grid.reviveMaster(at)
    }
    await grid.when(async () => {
      const { slaves } = await grid.run(grid.user.role.status())
      return slaves.some(({ peer, leaving, images: left }) => peer === leaver && leaving && left === 0)
    })
    for (let n = 6; n < 16; n++) {
      const { id, holders } = await grid.run(grid.owner.role.store(picture(n)))
      expect(holders).not.toContain(leaver)
      images.push(id)
    }
    for (const [n, image] of images.entries()) {
      expect((await storedOf(grid, image)).placement.holders.map(({ slave }) => slave)).not.toContain(leaver)
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(image)), picture(n))).toBe(0)
    }
    await grid.when(async () => (await grid.slaves[0].shadows.list()).length === 0)
    grid.slaves[0].leaving = false
    await grid.when(async () => {
      const { slaves } = await grid.run(grid.user.role.status())
      return slaves.every(({ leaving }) => !leaving)
    })
  })

  it('a master that has not heard of it yet is refused, and chooses another', async () => {
    const grid = await startGrid({ slaves: 4, master: { peers: { beatMs: 600_000 } } })
    grid.slaves[0].leaving = true
    for (let n = 0; n < 4; n++) {
      const { holders } = await grid.run(grid.owner.role.store(picture(n)))
      expect(holders).not.toContain(grid.slaves[0].peer)
    }
  })
})
