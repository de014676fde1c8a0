import { describe, expect, it } from 'vitest'
import { isNetError } from '../../../base/errors.ts'
import type { ImageId } from '../../../base/ids.ts'
import { randomBelow, seededRandom } from '../../../base/random.ts'
import { encodeRecord } from '../../../indexing/encode-record.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

const SEEDS = Number(process.env.CHURN_SEEDS ?? 4)

/** Stores and deletes from three lanes while peers are killed and revived and one message in a hundred is lost. */
async function churn(seed: number) {
  const grid = await new HospitalGrid({
    seed,
    masters: 3,
    slaves: 6,
    master: { orphanGraceMs: 120_000, reconcileMs: 30_000, putPatienceMs: 1000 }
  }).start()
  const random = seededRandom(`churn ${seed}`)
  grid.world.internet.link = { ...grid.world.internet.link, loss: 0.01 }
  const kept = new Map<ImageId, Uint8Array>()
  const deleted = new Set<ImageId>()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < 24) {
      const bytes = picture(seed * 1000 + next++, 800)
      try {
        const { id } = await grid.owner.role.store(bytes)
        kept.set(id, bytes)
        if (randomBelow(random, 4) > 0) continue
        kept.delete(id) // from here on either fate is right, until the deletion is acknowledged
        await grid.owner.role.delete(id)
        deleted.add(id)
      } catch (error) {
        if (!isNetError(error)) throw error
      }
    }
  }
  let over = false
  const lanes = Promise.all([lane(), lane(), lane()]).then(() => {
    over = true
  })
  lanes.catch(() => {})
  while (!over) {
    const isMaster = randomBelow(random, 3) === 0
    const at = randomBelow(random, isMaster ? 3 : 6)
    grid.kill(isMaster ? grid.masters[at] : grid.slaves[at])
    await grid.pass(randomBelow(random, 3000))
    await (isMaster ? grid.reviveMaster(at) : grid.reviveSlave(at))
    await grid.pass(randomBelow(random, 3000))
  }
  await grid.run(lanes)
  grid.world.internet.link = { ...grid.world.internet.link, loss: 0 }
  return { grid, kept, deleted }
}

describe('churn', { timeout: 600_000 }, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`seed ${seed}: nothing acknowledged is lost, nothing deleted comes back, masters agree, orphans go`, async () => {
      const { grid, kept, deleted } = await churn(seed)
      expect(kept.size).toBeGreaterThan(0)
      await grid.when(async () => {
        const status = await grid.run(grid.user.role.status())
        return status.slaves.filter(({ alive }) => alive).length === 6 && status.masters.every(({ alive }) => alive)
      })
      await grid.pass(300_000)
      for (const [image, bytes] of kept)
        expect(Buffer.compare(await grid.run(grid.user.role.fetch(image)), bytes)).toBe(0)
      for (const image of deleted) expect(await grid.codeOf(grid.user.role.fetch(image))).toBe('IMAGE_NOT_FOUND')
      const indexes = await Promise.all(
        grid.masters.map(async ({ records }) => {
          const changes = await records.changes(0, 1000)
          return changes.map(({ record }) => Buffer.from(encodeRecord(record)).toString('hex')).sort()
        })
      )
      expect(indexes[1]).toEqual(indexes[0])
      expect(indexes[2]).toEqual(indexes[0])
      const held = await grid.masters[0].records.changes(0, 1000)
      const named = held.reduce((sum, { record }) => sum + (record.stored?.placement.total ?? 0), 0)
      expect(await grid.shadowCount()).toBe(named)
      expect(await grid.run(grid.user.role.status())).toMatchObject({ degraded: 0, unreadable: 0 })
    })
  }
})
