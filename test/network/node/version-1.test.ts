import { expect, it } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import type { ImageRecord } from '../../../indexing/image-record.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { dropAt } from '../../contract/example-shadow.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

const UNKNOWN = { asked: 0, counter: 0, master: undefined, putAt: 0 }
const MASTER = { threshold: { fixed: { threshold: 2, total: 3 } } }

/** A network whose one image, its record and its shadows, is as version 1 kept them: their digests are plain SHA-256. */
async function olderGrid() {
  const grid = await new HospitalGrid({ masters: 1, master: MASTER }).start()
  const { id } = await grid.run(grid.owner.role.store(picture(1, 20_000)))
  const held = await grid.masters[0].records.get(id)
  const stored = held?.record.stored
  if (stored === undefined) throw new Error('it is not stored')
  const digests = new Map<number, string>()
  for (const { shadows } of grid.slaves) {
    for (const key of await shadows.list()) {
      const shadow = await shadows.get(key)
      await shadows.drop(key, dropAt(1))
      await shadows.expire(2)
      await shadows.put(key, shadow, UNKNOWN)
      digests.set(key.number, sha256Hex(shadow))
    }
  }
  const { claim, placement } = stored
  const holders = placement.holders.map(({ slave, number }) => {
    return { slave, number, digest: digests.get(number) ?? '', bytes: 0, receipt: new Uint8Array() }
  })
  const old = { ...stored, claim: { ...claim, master: undefined, time: 0 }, placement: { ...placement, holders } }
  const record: ImageRecord = { id, format: 1, stored: old, deletion: undefined }
  const records = new MemoryRecordStore()
  await records.start()
  await records.put({ record, encoded: Uint8Array.of(1) })
  await records.stop()
  grid.kill(grid.masters[0])
  await grid.reviveMaster(0, records)
  await grid.when(() => grid.masters[0].role.peers.alive('slave').length === 5)
  return { grid, id, holders }
}

it('an image of version 1 is compared with what slaves list, and gathered: its digests are plain SHA-256', async () => {
  const { grid, id, holders } = await olderGrid()
  for (const { slave } of holders) await grid.run(grid.masters[0].role.reconcile(slave))
  expect(await grid.run(grid.masters[0].role.status())).toMatchObject({ images: 1, healthy: 1, unknownShadows: 0 })
  expect([...(await grid.run(grid.user.role.fetch(id)))]).toEqual([...picture(1, 20_000)])
})
