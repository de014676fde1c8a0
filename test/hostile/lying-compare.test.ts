import { describe, expect, it } from 'vitest'
import { randomBytes, seededRandom } from '../../base/random.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import { compareIndex } from '../../protocols/compare-index.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { signedBy } from '../network/node/signed-by.ts'

/** A record that nobody stored, given by a rogue master to one that compares its index of one image with it. */
async function given(make: (grid: HospitalGrid) => Promise<EncodedRecord>, digests: 'all others' | 'none') {
  const told: unknown[] = []
  const log = (fact: string, fields = {}): void => void told.push({ fact, ...fields })
  const grid = await new HospitalGrid({ signatures: 'ed25519', masters: 1, log }).start()
  await grid.run(grid.owner.role.store(picture(1)))
  const { encoded, record } = await make(grid)
  const peer = grid.world.admit('rogue', ['master'])
  const { network } = grid.world.live(peer)
  let asked = 0
  network.handle(syncRecords, async () => ({ records: [], last: 0 }))
  network.handle(compareIndex, async request => {
    if ('ranges' in request) {
      asked++
      const isIn = request.ranges.some(({ after = '', upTo }) => record.id > after && record.id <= upTo)
      return { records: isIn || digests === 'none' ? [encoded] : [] }
    }
    const some = (at: number) => (digests === 'none' ? new Uint8Array(512) : randomBytes(seededRandom(at), 512))
    return { incarnation: new Uint8Array(16), last: 0, children: request.nodes.map((_, at) => some(at)) }
  })
  const [{ role, records }] = grid.masters
  await grid.run(role.replicator.catchUp(peer))
  return { asked, told, held: await records.get(record.id), size: records.size }
}

const another = (grid: HospitalGrid) => grid.run(grid.owner.role.seal(picture(2)))

describe('a master that lies when indexes are compared', () => {
  it('a good record is taken, so that the others are refused for what is wrong with them', async () => {
    const { held, size } = await given(async grid => signedBy(grid, await another(grid)), 'all others')
    expect([held !== undefined, size]).toEqual([true, 2])
  })

  it('an unsigned record is refused and told of, and all the rest is asked for', async () => {
    const unsigned = { record: { masterSignature: new Uint8Array(64) } }
    const { held, asked, told } = await given(async grid => signedBy(grid, await another(grid), unsigned), 'all others')
    expect([held, asked]).toEqual([undefined, 256])
    expect(told).toContainEqual(expect.objectContaining({ fact: 'records refused', reason: 'SIGNATURE_INVALID' }))
  })

  it('a good record that was not asked for is refused', async () => {
    const { held, asked, told } = await given(async grid => signedBy(grid, await another(grid)), 'none')
    expect([held, asked]).toEqual([undefined, 1])
    expect(told).toContainEqual(expect.objectContaining({ fact: 'records refused', reason: 'MESSAGE_INVALID' }))
  })
})
