import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { ownedImageId, sha256Hex } from '../../../base/bytes.ts'
import type { ImageId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { deriveKey } from '../../../crypto/derive.ts'
import { sealBytes } from '../../../crypto/seal.ts'
import { deleteImage } from '../../../protocols/delete-image.ts'
import { getImage } from '../../../protocols/get-image.ts'
import { networkStatus } from '../../../protocols/network-status.ts'
import { putImage } from '../../../protocols/put-image.ts'
import { type SearchResult, searchImages } from '../../../protocols/search-images.ts'
import { firstBytesHasher } from '../../../sim/cluster/cluster.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'
import { claimOf } from './signed-by.ts'

/** Metadata sealed as an owner seals it, around bytes of any kind. */
function sealed(grid: HospitalGrid, image: ImageId, plain: Uint8Array): Uint8Array {
  const salt = Buffer.from(image, 'hex')
  const key = deriveKey(grid.keys.imageKey, { salt, info: 'sfmedir/metadata/1' })
  return sealBytes(key, plain, { associated: salt, random: seededRandom('seal') })
}

/** Store an image as an owner whose metadata is what `metadata` makes of its id. */
async function storeWith(grid: HospitalGrid, seed: number, metadata: (image: ImageId) => Uint8Array): Promise<ImageId> {
  const { network, signer } = grid.owner.life
  const [{ peer: master }] = grid.masters
  const encrypted = picture(seed)
  const digest = sha256Hex(encrypted)
  const id = ownedImageId(signer.self, digest)
  const sealed = {
    id,
    digest,
    space: firstBytesHasher.space,
    code: encrypted.slice(0, 8),
    metadata: metadata(id),
    encrypted
  }
  const claim = claimOf(grid, sealed, master)
  await grid.run(network.request(master, putImage, { claim, encrypted }))
  return id
}

/** Let a master, the first one unless told otherwise, say something else in its answers to one protocol. */
function tamper(grid: HospitalGrid, id: string, change: (answer: Uint8Array) => Uint8Array, liar = 0): void {
  grid.masters[liar].life.network.tamper = (protocol, answer) => (protocol === id ? change(answer) : answer)
}

function changeResults(grid: HospitalGrid, change: (result: SearchResult) => SearchResult, liar = 0): void {
  const changed = (bytes: Uint8Array): Uint8Array => {
    const { results, stored } = searchImages.answer.decode(bytes)
    return searchImages.answer.encode({ results: results.map(change), stored })
  }
  tamper(grid, searchImages.id, changed, liar)
}

describe('metadata that cannot be read', () => {
  for (const [name, plain] of [
    ['not CBOR', Uint8Array.of(0xff, 0xff)],
    ['nothing', new Uint8Array()],
    ['a map without labels', encode({ name: 'x' })],
    ['a name that is a number', encode({ name: 5, labels: [] })],
    ['bytes after its end', Uint8Array.of(...encode({ name: 'x', labels: [] }), 0)]
  ] as const) {
    it(`${name}: that image is found with MESSAGE_INVALID, the others with their names`, async () => {
      const grid = await new HospitalGrid().start()
      const { id: good } = await grid.run(grid.owner.role.store(picture(1), { name: 'good' }))
      const bad = await storeWith(grid, 2, image => sealed(grid, image, plain))
      const found = await grid.run(grid.user.role.search(picture(1), { k: 5 }))
      expect(found).toHaveLength(2)
      expect(found.find(({ id }) => id === good)).toMatchObject({
        metadata: { name: 'good' },
        metadataError: undefined
      })
      expect(found.find(({ id }) => id === bad)).toMatchObject({
        metadata: undefined,
        metadataError: 'MESSAGE_INVALID'
      })
    })
  }

  it('shorter than a seal: MESSAGE_INVALID; sealed for another image: KEY_WRONG', async () => {
    const grid = await new HospitalGrid().start()
    const short = await storeWith(grid, 1, () => Uint8Array.of(1, 2, 3))
    const other = '0'.repeat(64) as ImageId
    await storeWith(grid, 2, () => sealed(grid, other, encode({ name: 'x', labels: [] })))
    const found = await grid.run(grid.user.role.search(picture(1), { k: 5 }))
    for (const { id, metadataError } of found)
      expect(metadataError).toBe(id === short ? 'MESSAGE_INVALID' : 'KEY_WRONG')
    expect(found).toHaveLength(2)
  })
})

describe('a master that answers nonsense', () => {
  it('another claim than the owner signed, whichever of two it is: shown is what the other master says', async () => {
    for (const liar of [0, 1]) {
      const grid = await new HospitalGrid().start()
      await grid.run(grid.owner.role.store(picture(1), { name: 'one' }))
      changeResults(
        grid,
        ({ claim, distance }) => ({
          distance,
          claim: claim.map((byte, at) => (at === claim.length - 100 ? byte ^ 1 : byte))
        }),
        liar
      )
      const [found] = await grid.run(grid.user.role.search(picture(1), { k: 1 }))
      expect(found).toMatchObject({ metadata: { name: 'one' }, metadataError: undefined })
    }
  })

  it('another distance than the code has: that result stands where it belongs', async () => {
    const grid = await new HospitalGrid({ masters: 1 }).start()
    for (const seed of [1, 2]) await storeWith(grid, seed, () => new Uint8Array())
    const before = await grid.run(grid.user.role.search(picture(1), { k: 5 }))
    changeResults(grid, result => ({ ...result, distance: 64 - result.distance }))
    expect(before).toHaveLength(2)
    expect(await grid.run(grid.user.role.search(picture(1), { k: 5 }))).toEqual(before)
  })

  it('an answer that does not decode: the other master is asked, by search, fetch, status and delete', async () => {
    const grid = await new HospitalGrid().start()
    const { id } = await grid.run(grid.owner.role.store(picture(1)))
    const garbage = (): Uint8Array => Uint8Array.of(0xff)
    for (let i = 0; i < 6; i++) {
      tamper(grid, searchImages.id, garbage)
      expect(await grid.run(grid.user.role.search(picture(1), { k: 1 }))).toMatchObject([{ id, distance: 0 }])
      tamper(grid, getImage.id, garbage)
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
      tamper(grid, networkStatus.id, garbage)
      expect(await grid.run(grid.user.role.status())).toMatchObject({ images: 1 })
    }
    tamper(grid, deleteImage.id, garbage)
    expect(await grid.run(grid.owner.role.delete(id))).toBe(2)
  })
})
