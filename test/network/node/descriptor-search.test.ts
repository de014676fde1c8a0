import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { hashCode } from '../../../hashing/hash-code.ts'
import type { ImageHasher } from '../../../node/client/client-ports.ts'
import { Owner } from '../../../node/client/owner.ts'
import { User } from '../../../node/client/user.ts'
import { firstBytesHasher } from '../../../sim/cluster/cluster.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

const VALUES = 32

/** One code for all images, as for a class; descriptors of this model by the first byte and a little by the second. */
function classHasher(model: string | undefined): ImageHasher {
  return {
    space: firstBytesHasher.space,
    hash: async images =>
      images.map(image => {
        const code = hashCode(new Uint8Array(8))
        if (model === undefined) return code
        const values = Int8Array.from(
          seededRandom(`descriptor ${image[0]}`).fill(new Uint8Array(VALUES)),
          byte => (byte >> 1) - 64 + (image[1] & 3)
        )
        return { ...code, descriptor: { model, values } }
      })
  }
}

describe('search by class and by image', () => {
  it('of images that share a code the one shown is rank 1, each time; those of another model and of none come last and say so', async () => {
    const grid = await new HospitalGrid().start()
    const [ours, other] = ['a'.repeat(64), 'b'.repeat(64)]
    const ownerBy = (name: string, hasher: ImageHasher) => grid.client(name, ports => new Owner({ ...ports, hasher }))
    const owners = [
      ownerBy('owner ours', classHasher(ours)),
      ownerBy('owner other', classHasher(other)),
      ownerBy('owner none', classHasher(undefined))
    ]
    const user = grid.client('user descriptor', ports => new User({ ...ports, hasher: classHasher(ours) }))
    const images = Array.from({ length: 9 }, (_, at) => Uint8Array.of(at, 0, ...picture(at, 100)))
    const ids = []
    for (const image of images) ids.push((await grid.run(owners[0].role.store(image))).id)
    const foreign = (await grid.run(owners[1].role.store(images[0]))).id
    const bare = (await grid.run(owners[2].role.store(images[0]))).id
    for (const [at, image] of images.entries()) {
      const again = image.slice()
      again[1] = 2 // as if shown again, a little changed
      for (const shown of [image, again]) {
        const found = await grid.run(user.role.search(shown, { k: 20 }))
        expect(found.length).toBe(11)
        expect(found[0]).toMatchObject({ id: ids[at], rank: 1, distance: 0 })
        expect(found[0].similarity).toBeGreaterThan(shown === image ? 0.9999 : 0.98)
        const last = found.slice(9).map(({ id, similarity, similarityError }) => ({ id, similarity, similarityError }))
        expect(last).toHaveLength(2)
        expect(last).toContainEqual({ id: foreign, similarity: undefined, similarityError: 'OTHER_MODEL' })
        expect(last).toContainEqual({ id: bare, similarity: undefined, similarityError: 'NO_DESCRIPTOR' })
        const alike = found.slice(0, 9).map(({ similarity = -1 }) => similarity)
        expect(alike).toEqual([...alike].sort((a, b) => b - a))
      }
    }
  })
})
