import { describe, expect, it } from 'vitest'
import { type ImageId, imageId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { generateKeys } from '../../../crypto/keys.ts'
import type { ListedImage, ListOptions } from '../../../node/client/list-images.ts'
import { Owner } from '../../../node/client/owner.ts'
import { User } from '../../../node/client/user.ts'
import { type ListRecordsAnswer, listRecords } from '../../../protocols/list-records.ts'
import { CLUSTER_DEFAULTS, type Cluster, exampleImage } from '../../../sim/cluster/cluster.ts'
import { SeededStream } from '../../../sim/cluster/seeded-stream.ts'
import { openCluster } from '../../../sim/engines/open-cluster.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

async function all(images: AsyncIterable<ListedImage>): Promise<ListedImage[]> {
  const listed: ListedImage[] = []
  for await (const image of images) listed.push(image)
  return listed
}

/** A grid with so many images of its owner and some of another one. */
async function filled(mine: number, others = 0): Promise<{ grid: HospitalGrid; ids: ImageId[]; other: Owner }> {
  const grid = await new HospitalGrid().start()
  const { role: other } = grid.client('owner two', ports => new Owner(ports))
  const ids: ImageId[] = []
  for (let at = 0; at < mine + others; at++) {
    const owner = at < mine ? grid.owner.role : other
    const options = { name: `slice ${at}`, labels: ['brain'] }
    const { id } = await grid.run(owner.store(picture(at), options))
    if (at < mine) ids.push(id)
  }
  return { grid, ids: ids.sort(), other }
}

/** Let every master say something else. */
function tamper(grid: HospitalGrid, change: (answer: ListRecordsAnswer) => ListRecordsAnswer): void {
  for (const { life } of grid.masters) {
    life.network.tamper = (id, bytes) =>
      id === listRecords.id ? listRecords.answer.encode(change(listRecords.answer.decode(bytes))) : bytes
  }
}

async function listed(grid: HospitalGrid, options: ListOptions = {}): Promise<{ ids: ImageId[]; lies: number }> {
  let lies = 0
  const images = await grid.run(all(grid.user.role.list({ ...options, onFalse: () => lies++ })))
  return { ids: images.map(({ id }) => id), lies }
}

describe('list-records', () => {
  for (const engine of ['virtual', 'real'] as const) {
    it(`${engine} network: every image of all owners in the order of ids, with name, size and state; fewer after one`, async () => {
      const cluster: Cluster = await openCluster(engine, { ...CLUSTER_DEFAULTS, slaves: 3, sites: 3 })
      try {
        const random = new SeededStream('list')
        const ids: ImageId[] = []
        for (let at = 0; at < 4; at++) {
          const stored = await cluster.drive(cluster.owner.store(exampleImage(random, 300), { name: `slice ${at}` }))
          ids.push(stored.id)
        }
        const images = await cluster.drive(all(cluster.user.list()))
        expect(images.map(({ id }) => id)).toEqual([...ids].sort())
        expect(images.map(({ metadata }) => metadata?.name).sort()).toEqual([0, 1, 2, 3].map(at => `slice ${at}`))
        for (const { state, size } of images)
          expect({ state, big: size > 300 }).toEqual({ state: 'healthy', big: true })
        expect(await cluster.drive(all(cluster.user.list({ after: images[1].id })))).toEqual(images.slice(2))
        expect(await cluster.drive(all(cluster.owner.list()))).toEqual(images)
      } finally {
        await cluster.stop()
      }
    })
  }

  it('pages of 3, of one owner among two: each of its images once; a deleted image is in none', async () => {
    const { grid, ids } = await filled(7, 4)
    await grid.run(grid.owner.role.delete(ids[2]))
    const owner = grid.owner.life.signer.self
    const got: number[] = []
    let count = 0
    for (let after: ImageId | undefined, more = true; more; ) {
      const request = { after, owner, limit: 3 }
      const { records, next } = await grid.run(
        grid.user.life.network.request(grid.masters[0].peer, listRecords, request)
      )
      got.push(records.length)
      count += records.length
      after = next
      more = next !== undefined
    }
    expect(count).toBe(6)
    expect(Math.max(...got)).toBe(3)
    expect((await listed(grid, { owner })).ids).toEqual(ids.filter(id => id !== ids[2]))
    expect((await listed(grid)).ids).toHaveLength(10)
  })

  it('the digest of an image says that it is stored; one with other keys reads neither names nor digests', async () => {
    const { grid } = await filled(3)
    const own = await grid.run(all(grid.owner.role.list()))
    const digests = own.map(({ metadata }) => metadata?.digest)
    for (const at of [0, 1, 2]) expect(digests).toContain(grid.owner.role.digestOf(picture(at)))
    expect(digests).not.toContain(grid.owner.role.digestOf(picture(9)))
    const keys = generateKeys(seededRandom('another consortium'))
    const stranger = grid.client('user two', ports => new User(ports), { keys })
    const images = await grid.run(all(stranger.role.list()))
    expect(images.map(({ metadata, metadataError }) => metadata ?? metadataError)).toEqual(Array(3).fill('KEY_WRONG'))
  })

  it('with 3 of 5 slaves dead an image is degraded or unreadable, and says so once the masters know', async () => {
    const { grid } = await filled(4)
    for (const slave of grid.slaves.slice(0, 3)) grid.kill(slave)
    await grid.pass(120_000)
    const states = (await grid.run(all(grid.user.role.list()))).map(({ state }) => state)
    const status = await grid.run(grid.user.role.status())
    for (const state of ['healthy', 'degraded', 'unreadable'] as const) {
      expect(states.filter(each => each === state)).toHaveLength(status[state])
    }
    expect(status.healthy).toBeLessThan(4)
  })
})

describe('a master that lies in its list', () => {
  it('a claim that its owner did not sign, an image twice, images backwards: left out and counted', async () => {
    const { grid, ids } = await filled(3)
    tamper(grid, ({ records: [first, ...rest] }) => {
      const forged = Uint8Array.from(first.claim)
      forged[forged.length - 1] ^= 1
      return { records: [{ ...first, claim: forged }, ...rest] }
    })
    expect(await listed(grid)).toEqual({ ids: ids.slice(1), lies: 1 })
    tamper(grid, ({ records }) => ({ records: [...records, ...records] }))
    expect(await listed(grid)).toEqual({ ids, lies: 3 })
    tamper(grid, ({ records }) => ({ records: [...records].reverse() }))
    expect(await listed(grid)).toEqual({ ids: [ids[2]], lies: 2 })
  })

  it("another owner's images in the list of one owner: left out and counted", async () => {
    const { grid } = await filled(2, 1)
    const { records } = await grid.run(grid.user.life.network.request(grid.masters[0].peer, listRecords, { limit: 10 }))
    tamper(grid, () => ({ records }))
    const owner = grid.owner.life.signer.self
    expect(await listed(grid, { owner })).toMatchObject({ ids: { length: 2 }, lies: 1 })
  })

  it('a page that does not move on: MESSAGE_INVALID instead of asking for ever', async () => {
    const { grid, ids } = await filled(1)
    tamper(grid, ({ records }) => ({ records, next: ids[0] }))
    expect(await grid.codeOf(all(grid.user.role.list()))).toBe('MESSAGE_INVALID')
  })

  it('pages that go on and hold nothing: MESSAGE_INVALID after a thousand in a row', async () => {
    const { grid } = await filled(1)
    let page = 0
    tamper(grid, () => ({ records: [], next: imageId(`${++page}`.padStart(64, '0')) }))
    expect(await grid.codeOf(all(grid.user.role.list()))).toBe('MESSAGE_INVALID')
    expect(page).toBeGreaterThanOrEqual(1001)
    expect(page).toBeLessThan(1100)
  })
})
