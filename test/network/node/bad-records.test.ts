import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'
import { type Change, signedBy } from './signed-by.ts'

/** The first master makes a record of an image that nobody stored, signed as it should be, and both masters take it. */
async function planted(grid: HospitalGrid, seed: number, change: Change): Promise<ImageId> {
  const record = signedBy(grid, await grid.run(grid.owner.role.seal(picture(seed))), change)
  const [first, second] = grid.masters
  await first.records.put(record)
  await grid.run(first.life.network.request(second.peer, syncRecords, { push: [record.encoded] }))
  expect(await second.records.get(record.record.id)).toBeDefined()
  return record.record.id
}

const UNREADABLE: Record<string, Change> = {
  'a threshold that does not open': { placement: { sealedThreshold: new Uint8Array(42) } },
  'a scheme that nobody knows': { placement: { scheme: 'nobody-knows' } }
}

describe('a record whose maker lied, or knew more than this master', () => {
  for (const [what, change] of Object.entries(UNREADABLE)) {
    it(`${what}: counts as unreadable, with all its holders alive and with all shadows lost; the others count as before`, async () => {
      const facts: string[] = []
      const grid = await new HospitalGrid({ log: fact => facts.push(fact) }).start()
      await grid.run(grid.owner.role.store(picture(1)))
      await planted(grid, 2, change)
      const expected = { images: 2, healthy: 1, degraded: 0, unreadable: 1 }
      for (const { role } of grid.masters) expect(await grid.run(role.status())).toMatchObject(expected)
      for (const { role } of grid.masters) {
        for (const { peer } of grid.slaves) await grid.run(role.reconcile(peer))
        expect(await grid.run(role.status())).toMatchObject(expected)
      }
      expect(facts.filter(fact => fact === 'placements that this master cannot read')).toHaveLength(4)
    })

    it(`${what}: a fetch of that image is IMAGE_CORRUPT, and of the others gives the image`, async () => {
      const grid = await new HospitalGrid().start()
      const { id: image } = await grid.run(grid.owner.role.store(picture(1)))
      const bad = await planted(grid, 2, change)
      expect(await grid.codeOf(grid.user.role.fetch(bad))).toBe('IMAGE_CORRUPT')
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(image)), picture(1))).toBe(0)
    })
  }

  it('an image of more than 256 MiB cannot be claimed', async () => {
    const grid = await new HospitalGrid().start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    expect(() => signedBy(grid, sealed, { claim: { size: 2 ** 28 + 1 } })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' })
    )
  })
})
