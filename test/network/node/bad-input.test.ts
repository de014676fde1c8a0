import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import type { ImageId } from '../../../base/ids.ts'
import { cipherNamed } from '../../../crypto/image-ciphers.ts'
import { generateKeys } from '../../../crypto/keys.ts'
import { hashCode } from '../../../hashing/hash-code.ts'
import { Owner } from '../../../node/client/owner.ts'
import type { BatchResult } from '../../../node/client/stored-image.ts'
import { User } from '../../../node/client/user.ts'
import { getImage } from '../../../protocols/get-image.ts'
import { getShadow } from '../../../protocols/get-shadow.ts'
import { putImage } from '../../../protocols/put-image.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import { firstBytesHasher } from '../../../sim/cluster/cluster.ts'
import { HospitalGrid, picture } from './hospital-grid.ts'
import { claimOf } from './signed-by.ts'

describe('bad input', () => {
  it('an image of zero bytes, one over the limit, and metadata over 4 KiB are refused before anything is sent', async () => {
    const grid = await new HospitalGrid().start()
    const small = grid.client('owner small', ports => new Owner(ports, { maxImageBytes: 100 }))
    expect(await grid.codeOf(small.role.store(new Uint8Array()))).toBe('IMAGE_INVALID')
    expect(await grid.codeOf(small.role.store(picture(1, 101)))).toBe('IMAGE_TOO_LARGE')
    const labels = Array.from({ length: 40 }, () => 'x'.repeat(200))
    await expect(grid.run(grid.owner.role.store(picture(1), { labels }))).rejects.toThrow(RangeError)
    expect(await grid.shadowCount()).toBe(0)
  })

  it('an image larger than the memory a master may use is refused, several together are put off and come through', async () => {
    const grid = await new HospitalGrid({ master: { budgetBytes: 8000 } }).start()
    expect(await grid.codeOf(grid.owner.role.store(picture(1, 9000)))).toBe('IMAGE_TOO_LARGE')
    const stores = await grid.run(Promise.all([1, 2, 3, 4].map(seed => grid.owner.role.store(picture(seed, 5000)))))
    expect(new Set(stores.map(({ id }) => id)).size).toBe(4)
  })

  it('wrong keys: fetched bytes give KEY_WRONG, metadata stays closed', async () => {
    const grid = await new HospitalGrid().start()
    const { id } = await grid.run(grid.owner.role.store(picture(1), { name: 'secret' }))
    const keys = generateKeys(seededRandom('other keys'))
    const stranger = grid.client('user stranger', ports => new User(ports), { keys, roles: ['user'] })
    expect(await grid.codeOf(stranger.role.fetch(id))).toBe('KEY_WRONG')
    const [found] = await grid.run(stranger.role.search(picture(1), { k: 1 }))
    expect(found.metadata).toBeUndefined()
  })

  it('a claim for other bytes, of another owner, for another master, or with an altered signature is refused', async () => {
    const grid = await new HospitalGrid().start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const other = grid.client('owner other', ports => new Owner(ports))
    const [{ peer }] = grid.masters
    const good = claimOf(grid, sealed, peer)
    const send = (from: typeof other | typeof grid.owner, claim: Uint8Array, encrypted: Uint8Array) =>
      grid.codeOf(from.life.network.request(peer, putImage, { claim, encrypted }))
    const altered = sealed.encrypted.slice()
    altered[200] ^= 1
    expect(await send(grid.owner, good, altered)).toBe('IMAGE_CORRUPT')
    expect(await send(other, good, sealed.encrypted)).toBe('NOT_PERMITTED')
    expect(await send(grid.owner, claimOf(grid, sealed, grid.masters[1].peer), sealed.encrypted)).toBe('NOT_PERMITTED')
    const claim = good.slice()
    claim[claim.length - 10] ^= 1 // within the signature
    expect(await send(grid.owner, claim, sealed.encrypted)).toBe('SIGNATURE_INVALID')
    expect(await send(grid.owner, good.slice(1), sealed.encrypted)).toBe('MESSAGE_INVALID')
    expect(await grid.shadowCount()).toBe(0)
    expect(await send(grid.owner, good, sealed.encrypted)).toBe('none')
    expect(await grid.codeOf(other.role.delete(sealed.id))).toBe('NOT_PERMITTED')
    expect(await grid.codeOf(other.role.delete('0'.repeat(64) as ImageId))).toBe('IMAGE_NOT_FOUND')
  })

  it('codes of another model or length: refused where the index has a space, MODEL_MISMATCH or CODE_LENGTH_MISMATCH in a search', async () => {
    const grid = await new HospitalGrid({ master: { space: firstBytesHasher.space } }).start()
    await grid.run(grid.owner.role.store(picture(1)))
    const hashers = {
      MODEL_MISMATCH: { ...firstBytesHasher, space: { ...firstBytesHasher.space, model: 'c'.repeat(64) } },
      CODE_LENGTH_MISMATCH: {
        space: { ...firstBytesHasher.space, bits: 32 },
        hash: async (images: readonly Uint8Array[]) => images.map(image => hashCode(image.slice(0, 4)))
      }
    }
    const another = { ...firstBytesHasher, space: { ...firstBytesHasher.space, view: 'c'.repeat(64) } }
    const seen = grid.client('owner another view', ports => new Owner({ ...ports, hasher: another }))
    expect(await grid.codeOf(seen.role.store(picture(2)))).toBe('MODEL_MISMATCH')
    for (const [code, hasher] of Object.entries(hashers)) {
      const owner = grid.client(`owner ${code}`, ports => new Owner({ ...ports, hasher }))
      const user = grid.client(`user ${code}`, ports => new User({ ...ports, hasher }))
      expect(await grid.codeOf(owner.role.store(picture(2)))).toBe(code)
      expect(await grid.codeOf(user.role.search(picture(2)))).toBe(code)
    }
    expect(grid.masters.map(({ records }) => records.size)).toEqual([1, 1])
  })

  it('a master that gives other bytes than asked for is passed over', async () => {
    const grid = await new HospitalGrid().start()
    const { id } = await grid.run(grid.owner.role.store(picture(1)))
    const [{ life }] = grid.masters
    life.network.tamper = (protocol, answer) => {
      if (protocol !== getImage.id) return answer
      const altered = answer.slice()
      altered[answer.length - 1] ^= 1
      return altered
    }
    for (let i = 0; i < 6; i++) {
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
    }
  })

  it('a user may not store, a slave may not sync or fetch, an owner may not read shadows', async () => {
    const grid = await new HospitalGrid().start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const [{ peer: master }] = grid.masters
    const [{ peer: slave, life: slaveLife }] = grid.slaves
    const image = sealed.id
    const put = { claim: claimOf(grid, sealed, master), encrypted: sealed.encrypted }
    const key = { image, sharing: '0'.repeat(16), number: 1 } as Parameters<typeof getShadow.request.encode>[0]
    expect(await grid.codeOf(grid.user.life.network.request(master, putImage, put))).toBe('NOT_PERMITTED')
    expect(await grid.codeOf(slaveLife.network.request(master, syncRecords, { after: 0, limit: 1 }))).toBe(
      'NOT_PERMITTED'
    )
    expect(await grid.codeOf(slaveLife.network.request(master, getImage, { image }))).toBe('NOT_PERMITTED')
    expect(await grid.codeOf(grid.owner.life.network.request(slave, getShadow, key))).toBe('NOT_PERMITTED')
  })

  it('no master at all: NO_MASTERS', async () => {
    const grid = new HospitalGrid({ masters: 0, slaves: 1 })
    expect(await grid.codeOf(grid.owner.role.store(picture(1)))).toBe('NO_MASTERS')
    expect(await grid.codeOf(grid.user.role.search(picture(1)))).toBe('NO_MASTERS')
  })

  it('a batch with a bad image in the middle stores the others, one result each in order', async () => {
    const grid = await new HospitalGrid().start()
    const items = [picture(1), new Uint8Array(), ...Array.from({ length: 8 }, (_, i) => picture(3 + i))]
    const results: BatchResult[] = []
    const storeAll = async (): Promise<void> => {
      for await (const result of grid.owner.role.storeMany(items.map(bytes => ({ bytes })))) results.push(result)
    }
    await grid.run(storeAll())
    expect(results.map(result => 'stored' in result)).toEqual(items.map(({ length }) => length > 0))
    expect(grid.masters.map(({ records }) => records.size)).toEqual([9, 9])
  })

  it('a tampered encrypted image is told from a wrong key by its id', async () => {
    const cipher = cipherNamed('qms2')
    const keys = generateKeys(seededRandom('k'))
    const encrypted = cipher.encrypt(picture(1), { key: keys.imageKey, random: seededRandom('n') })
    encrypted[encrypted.length - 1] ^= 1
    expect(() => cipher.decrypt(encrypted, { key: keys.imageKey })).toThrow(
      expect.objectContaining({ code: 'KEY_WRONG' })
    )
  })
})
