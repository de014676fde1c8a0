import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../base/bytes.ts'
import { encodeDeletion } from '../../indexing/encode-proof.ts'
import { tombstoneOf } from '../../indexing/encoded-record.ts'
import { signClaim } from '../../node/client/sign-claim.ts'
import { signDeletion } from '../../node/proofs/sign-proof.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { dropShadow } from '../../protocols/drop-shadow.ts'
import { getShadow } from '../../protocols/get-shadow.ts'
import { putImage } from '../../protocols/put-image.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { signedBy } from '../network/node/signed-by.ts'

describe('a user that wants more than to search and fetch', () => {
  it('cannot store, delete, push records, nor read or drop shadows; what is stored stays', async () => {
    const grid = await new HospitalGrid({ signatures: 'ed25519' }).start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const { id } = await grid.run(grid.owner.role.send(sealed))
    const [{ peer: master }] = grid.masters
    const { network, signer } = grid.user.life
    const [entry] = await grid.slaves[0].shadows.list()
    const slave = grid.slaves[0].peer
    const mine = { ...sealed, id: ownedImageId(signer.self, sealed.digest) }
    const claim = signClaim(mine, { master, time: 9, signer })
    const deletion = signDeletion({ id: mine.id, digest: sealed.digest, time: 9 }, signer)
    const { encoded } = tombstoneOf(deletion)
    const key = entry ?? { image: id, sharing: '0'.repeat(16), number: 1 }
    const tries = [
      network.request(master, putImage, { claim, encrypted: sealed.encrypted }),
      network.request(master, deleteImage, { image: id }),
      network.request(master, deleteImage, { deletion: encodeDeletion(deletion) }),
      network.request(master, syncRecords, { push: [encoded] }),
      network.request(master, syncRecords, { after: 0, limit: 1000 }),
      network.request(slave, getShadow, { image: key.image, sharing: key.sharing, number: key.number }),
      network.request(slave, dropShadow, {
        image: key.image,
        sharing: key.sharing,
        number: key.number,
        proof: [encodeDeletion(deletion)]
      })
    ]
    for (const each of tries) expect(await grid.codeOf(each)).toBe('NOT_PERMITTED')
    expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
  })

  it('cannot be the owner of a record, though a master helps', async () => {
    const grid = await new HospitalGrid({ signatures: 'ed25519' }).start()
    const sealed = await grid.run(grid.owner.role.seal(picture(1)))
    const { signer } = grid.user.life
    const { encoded } = signedBy(grid, sealed, { owner: signer, claim: { owner: signer.self } })
    const [rogue, victim] = grid.masters
    const push = rogue.life.network.request(victim.peer, syncRecords, { push: [encoded] })
    expect(await grid.codeOf(push)).toBe('NOT_PERMITTED')
  })
})
