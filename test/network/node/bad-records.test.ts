import { describe, expect, it } from 'vitest'
import type { ImageId, SharingId, ShadowNumber } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { claimBytes, decodeClaim } from '../../../indexing/encode-record.ts'
import { signedRecord } from '../../../indexing/encoded-record.ts'
import type { ImageClaim, Placement } from '../../../indexing/image-record.ts'
import { sealThreshold } from '../../../node/placement/seal-threshold.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

/** How a master's record is to be wrong. */
interface Change {
  readonly claim?: Partial<ImageClaim>
  readonly placement?: Partial<Placement>
}

/** The first master makes a record of an image that nobody stored, signed as it should be, and both masters take it. */
async function planted(grid: HospitalGrid, seed: number, { claim, placement }: Change): Promise<ImageId> {
  const sealed = await grid.run(grid.owner.role.seal(picture(seed)))
  const { ownerSignature: _, ...given } = { ...decodeClaim(sealed.claim), ...claim }
  const ownerSignature = grid.owner.life.signer.sign(claimBytes(given))
  const [first, second] = grid.masters
  const sharing = given.id.slice(0, 16) as SharingId
  const holders = grid.slaves
    .slice(0, 3)
    .map(({ peer }, at) => ({ slave: peer, number: (at + 1) as ShadowNumber, digest: given.id }))
  const seal = { image: given.id, sharing, thresholdKey: grid.keys.thresholdKey, random: seededRandom(seed) }
  const sealedThreshold = sealThreshold({ threshold: 2, total: 3 }, seal)
  const stored = {
    claim: { ...given, ownerSignature },
    placement: { scheme: 'bai', sharing, total: 3, holders, sealedThreshold, ...placement }
  }
  const version = { counter: 1, master: first.peer }
  const record = signedRecord({ id: given.id, version, time: 1, stored }, bytes => first.life.signer.sign(bytes))
  await first.records.put(record)
  await grid.run(first.life.network.request(second.peer, syncRecords, { push: [record.encoded] }))
  expect(await second.records.get(given.id)).toBeDefined()
  return given.id
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

  it('an image of 2^40 bytes: left out of every search that would list it, and no reason to refuse the others', async () => {
    const facts: string[] = []
    const grid = await new HospitalGrid({ log: fact => facts.push(fact) }).start()
    const { id: image } = await grid.run(grid.owner.role.store(picture(1)))
    await planted(grid, 2, { claim: { size: 2 ** 40 } })
    const found = await grid.run(grid.user.role.search(picture(2), { k: 5 }))
    expect(found.map(each => each.id)).toEqual([image])
    expect(facts).toContain('left out of a search')
  })
})
