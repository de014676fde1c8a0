import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../base/bytes.ts'
import { encodeDeletion } from '../../indexing/encode-proof.ts'
import { claimBytes, decodeClaim, encodeClaim } from '../../indexing/encode-record.ts'
import { Owner } from '../../node/client/owner.ts'
import { signClaim } from '../../node/client/sign-claim.ts'
import { signDeletion } from '../../node/proofs/sign-proof.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { putImage } from '../../protocols/put-image.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { claimOf } from '../network/node/signed-by.ts'

/** A grid with an image of its owner, and another owner who is rogue. */
async function attacked(init = {}) {
  const grid = await new HospitalGrid({ signatures: 'ed25519', ...init }).start()
  const rogue = grid.client('owner rogue', ports => new Owner(ports))
  const sealed = await grid.run(grid.owner.role.seal(picture(1)))
  const { id } = await grid.run(grid.owner.role.send(sealed))
  const [{ peer: master }] = grid.masters
  return { grid, rogue, sealed, id, master }
}

describe('an owner that wants what is another’s', () => {
  it('200 hijacks of bytes that travel, at a master that lags behind: 0 won, every image stays its owner’s', async () => {
    const grid = await new HospitalGrid({ signatures: 'ed25519', masters: 3 }).start()
    const rogue = grid.client('owner rogue', ports => ports)
    const { signer, network } = rogue.life
    let won = 0
    for (let attempt = 0; attempt < 200; attempt++) {
      const sealed = await grid.run(grid.owner.role.seal(picture(attempt, 200)))
      const stolen = { ...sealed, id: ownedImageId(signer.self, sealed.digest) }
      const lagging = grid.masters[attempt % 3].peer
      const claim = signClaim(stolen, { master: lagging, time: 8.64e15, signer })
      const hijack = network.request(lagging, putImage, { claim, encrypted: sealed.encrypted })
      const [{ id }] = await grid.run(Promise.all([grid.owner.role.send(sealed), hijack.catch(() => undefined)]))
      await grid.run(grid.owner.role.delete(stolen.id).catch(() => 0))
      for (const { records } of grid.masters) {
        const held = await records.get(id)
        if (held !== undefined && held.record.stored?.claim.owner !== grid.owner.peer) won++
      }
      if (Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(attempt, 200)) !== 0) won++
    }
    expect(won).toBe(0)
  }, 120_000)

  it("another's claim, its id under an own signature, or an own claim under another's id: refused", async () => {
    const { grid, rogue, sealed, master } = await attacked()
    const { network, signer } = rogue.life
    const send = (claim: Uint8Array): Promise<string> =>
      grid.codeOf(network.request(master, putImage, { claim, encrypted: sealed.encrypted }))
    const theirs = claimOf(grid, sealed, master, 99)
    expect(await send(theirs)).toBe('NOT_PERMITTED')
    const forged = { ...decodeClaim(theirs), ownerSignature: signer.sign(claimBytes(decodeClaim(theirs))) }
    expect(await send(encodeClaim(forged))).toBe('NOT_PERMITTED')
    expect(() => signClaim(sealed, { master, time: 99, signer })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' })
    )
  })

  it("another's image is not deleted: not by its id, not by a deletion in the owner's name, not by an own one", async () => {
    const { grid, rogue, sealed, id, master } = await attacked()
    expect(await grid.codeOf(rogue.role.delete(id))).toBe('NOT_PERMITTED')
    const { network, signer } = rogue.life
    const send = (deletion: Uint8Array): Promise<string> =>
      grid.codeOf(network.request(master, deleteImage, { deletion }))
    const own = signDeletion({ id: ownedImageId(signer.self, sealed.digest), digest: sealed.digest, time: 1 }, signer)
    expect(await send(encodeDeletion(own))).toBe('IMAGE_NOT_FOUND')
    expect(await send(encodeDeletion({ ...own, id, owner: grid.owner.peer }))).toBe('NOT_PERMITTED')
    const altered = { ...own, ownerSignature: own.ownerSignature.with(0, own.ownerSignature[0] ^ 1) }
    expect(await send(encodeDeletion(altered))).toBe('SIGNATURE_INVALID')
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
  })

  it('a deletion with an altered signature, even by the owner: SIGNATURE_INVALID, nothing is deleted', async () => {
    const { grid, sealed, id, master } = await attacked()
    const { network, signer } = grid.owner.life
    const good = signDeletion({ id, digest: sealed.digest, time: 1 }, signer)
    const altered = { ...good, ownerSignature: good.ownerSignature.with(5, good.ownerSignature[5] ^ 1) }
    const request = { deletion: encodeDeletion(altered) }
    expect(await grid.codeOf(network.request(master, deleteImage, request))).toBe('SIGNATURE_INVALID')
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
  })

  it('a claim for one master is of no use at another, and an altered one nowhere', async () => {
    const { grid } = await attacked()
    const sealed = await grid.run(grid.owner.role.seal(picture(2)))
    const [first, second] = grid.masters
    const send = (claim: Uint8Array, master = first.peer): Promise<string> =>
      grid.codeOf(grid.owner.life.network.request(master, putImage, { claim, encrypted: sealed.encrypted }))
    const claim = claimOf(grid, sealed, first.peer)
    expect(await send(claim, second.peer)).toBe('NOT_PERMITTED')
    expect(await send(claim.with(claim.length - 1, claim[claim.length - 1] ^ 1))).toBe('SIGNATURE_INVALID')
    expect(await send(claim)).toBe('none')
  })
})

describe('an owner that fills the network', () => {
  const most = { quotaImages: 3, quotaBytes: 20_000 }

  it('images: the one above the quota is QUOTA_EXCEEDED and leaves nothing behind; others go on; a deletion makes room', async () => {
    const grid = await new HospitalGrid({ signatures: 'ed25519', master: { quotaImages: 3 } }).start()
    const rogue = grid.client('owner rogue', ports => new Owner(ports))
    const stored = []
    for (const seed of [1, 2, 3]) stored.push(await grid.run(rogue.role.store(picture(seed))))
    const held = await grid.shadowCount()
    const sealed = await grid.run(rogue.role.seal(picture(4)))
    expect(await grid.codeOf(rogue.role.send(sealed))).toBe('QUOTA_EXCEEDED')
    expect(await grid.shadowCount()).toBe(held)
    expect(await grid.codeOf(grid.owner.role.store(picture(5)))).toBe('none')
    await grid.when(() => grid.masters.every(({ records }) => records.size === 4))
    expect(await grid.run(rogue.role.delete(stored[0].id))).toBe(2)
    expect(await grid.codeOf(rogue.role.send(sealed))).toBe('none')
    const { owners } = await grid.run(grid.user.role.status())
    expect(owners.find(({ peer }) => peer === rogue.peer)).toMatchObject({ images: 3, quotaImages: 3 })
    expect(owners.find(({ peer }) => peer === grid.owner.peer)).toMatchObject({ images: 1, quotaImages: 3 })
  })

  it('twelve stores at once at one master: three are let in, by bytes as by images', async () => {
    for (const [limit, quota] of [
      ['quotaImages', { quotaImages: most.quotaImages }],
      ['quotaBytes', { quotaBytes: most.quotaBytes }]
    ] as const) {
      const grid = await new HospitalGrid({ signatures: 'ed25519', masters: 1, master: quota }).start()
      const tries = Array.from({ length: 12 }, (_, seed) => grid.codeOf(grid.owner.role.store(picture(seed, 5900))))
      const codes = await Promise.all(tries)
      expect([limit, codes.filter(code => code === 'none').length]).toEqual([limit, 3])
      expect([...new Set(codes)].sort()).toEqual(['QUOTA_EXCEEDED', 'none'])
      expect(grid.masters[0].records.usage(grid.owner.peer).images).toBe(3)
    }
  })

  it('what is stored already is acknowledged again, quota or not', async () => {
    const grid = await new HospitalGrid({ signatures: 'ed25519', master: { quotaImages: 1 } }).start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const { id } = await grid.run(grid.owner.role.send(sealed))
    await grid.when(() => grid.masters.every(({ records }) => records.size === 1))
    expect((await grid.run(grid.owner.role.send(sealed))).id).toBe(id)
  })
})
