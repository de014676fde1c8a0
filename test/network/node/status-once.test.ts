import { describe, expect, it } from 'vitest'
import type { RecordStore } from '../../../indexing/record-store.ts'
import { networkStatus } from '../../../protocols/network-status.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

/** Count the looks at a store's whole index: those that begin before its first record. */
function countScans(records: RecordStore): { scans: number } {
  const count = { scans: 0 }
  const changes = records.changes.bind(records)
  records.changes = (after, limit) => {
    if (after === 0) count.scans++
    return changes(after, limit)
  }
  return count
}

describe('network-status', () => {
  it('twenty calls at once and two more within 2 s are one look at the index; after that it is looked at once more; each answer says how old it is', async () => {
    const grid = await new HospitalGrid({ masters: 1 }).start()
    const [{ peer, records }] = grid.masters
    await grid.run(grid.owner.role.store(picture(1)))
    const count = countScans(records)
    const callers = [grid.owner, grid.user]
    const ask = () => Promise.all(callers.map(({ life }) => life.network.request(peer, networkStatus, {})))
    const answers = await grid.run(Promise.all(Array.from({ length: 10 }, ask)))
    await grid.pass(1_000)
    const later = await grid.run(ask())
    for (const { ageMs } of later) expect(ageMs).toBeGreaterThanOrEqual(1_000)
    answers.push(later)
    for (const answer of answers.flat()) expect(answer).toMatchObject({ images: 1, healthy: 1 })
    expect(count.scans).toBe(1)
    await grid.run(grid.owner.role.store(picture(2)))
    await grid.pass(2_000)
    for (const answer of await grid.run(ask())) {
      expect(answer).toMatchObject({ images: 2, healthy: 2 })
      expect(answer.ageMs).toBeLessThan(1_000)
    }
    expect(count.scans).toBe(2)
  })
})
