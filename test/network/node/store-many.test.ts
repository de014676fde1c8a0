import { describe, expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import type { ImageHasher } from '../../../node/client/client-ports.ts'
import { Owner } from '../../../node/client/owner.ts'
import type { BatchItem, BatchResult } from '../../../node/client/stored-image.ts'
import { firstBytesHasher } from '../../../sim/cluster/cluster.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'

const BROKEN = new Uint8Array(100)
const OVERSIZED = picture(99, 9001)

/** An owner whose hasher takes {@link BROKEN} for no image and keeps a list of what it was given, call by call. */
function countingOwner(grid: HospitalGrid, fail: () => void = () => {}): { owner: Owner; calls: Uint8Array[][] } {
  const calls: Uint8Array[][] = []
  const hasher: ImageHasher = {
    space: firstBytesHasher.space,
    hash: async images => {
      calls.push([...images])
      fail()
      const codes = await firstBytesHasher.hash(images)
      return codes.map((code, at) => (images[at] === BROKEN ? new NetError('IMAGE_INVALID', 'no image') : code))
    }
  }
  const { role } = grid.client('owner counting', ports => new Owner({ ...ports, hasher }, { maxImageBytes: 9000 }))
  return { owner: role, calls }
}

async function storeAll<I extends BatchItem>(grid: HospitalGrid, owner: Owner, items: I[]): Promise<BatchResult<I>[]> {
  const results: BatchResult<I>[] = []
  const work = async (): Promise<void> => {
    for await (const result of owner.storeMany(items)) results.push(result)
  }
  await grid.run(work())
  return results
}

const codeOf = (result: BatchResult): unknown => ('error' in result ? (result.error as NetError).code : 'stored')

describe('storeMany', () => {
  it('a batch of 8 with one broken and one oversized image: each other image is hashed once, in one call, and stored', async () => {
    const grid = await new HospitalGrid().start()
    const { owner, calls } = countingOwner(grid)
    const images = Array.from({ length: 8 }, (_, i) => picture(i))
    images[2] = BROKEN
    images[5] = OVERSIZED
    const results = await storeAll(
      grid,
      owner,
      images.map((bytes, at) => ({ bytes, at }))
    )
    expect(calls).toEqual([images.filter(image => image !== OVERSIZED)])
    expect(results.map(codeOf)).toEqual(
      images.map(image => (image === BROKEN ? 'IMAGE_INVALID' : image === OVERSIZED ? 'IMAGE_TOO_LARGE' : 'stored'))
    )
  })

  it('11 images: each result names the very item it is of, in order, and its id fetches those bytes', async () => {
    const grid = await new HospitalGrid().start()
    const { owner, calls } = countingOwner(grid)
    const items = Array.from({ length: 11 }, (_, at) => ({ bytes: picture(at), path: `file ${at}` }))
    const results = await storeAll(grid, owner, items)
    expect(results.map(({ item }) => item)).toEqual(items)
    expect(calls.map(({ length }) => length)).toEqual([8, 3])
    for (const [at, result] of results.entries()) {
      expect(result.item).toBe(items[at])
      if (!('stored' in result)) throw result.error
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(result.stored.id)), result.item.bytes)).toBe(0)
    }
  })

  it('a hasher that fails as a whole fails the images of that batch; the next batch is stored', async () => {
    const grid = await new HospitalGrid().start()
    let left = 1
    const { owner } = countingOwner(grid, () => {
      if (left-- > 0) throw new NetError('MODEL_INVALID', 'the model does not run')
    })
    const results = await storeAll(
      grid,
      owner,
      Array.from({ length: 9 }, (_, at) => ({ bytes: picture(at) }))
    )
    expect(results.map(codeOf)).toEqual([...Array.from({ length: 8 }, () => 'MODEL_INVALID'), 'stored'])
  })

  it('an aborted signal ends the batch with its reason', async () => {
    const grid = await new HospitalGrid().start()
    const reason = new Error('enough')
    const controller = new AbortController()
    const { owner } = countingOwner(grid, () => {
      controller.abort(reason)
      throw new Error('stopped')
    })
    const results = owner.storeMany([{ bytes: picture(1) }], { signal: controller.signal })
    await expect(grid.run(results.next())).rejects.toBe(reason)
  })
})
