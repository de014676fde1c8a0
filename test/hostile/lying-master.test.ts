import { describe, expect, it } from 'vitest'
import { ownedImageId, sha256Hex } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { claimBytes, decodeClaim, encodeClaim } from '../../indexing/encode-record.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'
import type { MasterReport } from '../../node/client/merge-answers.ts'
import { Owner } from '../../node/client/owner.ts'
import type { SealedImage } from '../../node/client/stored-image.ts'
import { signKept } from '../../node/proofs/sign-proof.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { getImage } from '../../protocols/get-image.ts'
import { liveness } from '../../protocols/liveness.ts'
import { type PutImageAnswer, putImage } from '../../protocols/put-image.ts'
import { type SearchResult, searchImages } from '../../protocols/search-images.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import type { VirtualLife } from '../../sim/virtual/virtual-world.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { signedBy } from '../network/node/signed-by.ts'

const stranger = createSigner(new Uint8Array(32).fill(99))

/** A member with the role of master that answers as `rogue` pleases, beside `masters` honest ones. */
async function withRogue(masters: number) {
  const grid = await new HospitalGrid({ signatures: 'ed25519', masters }).start()
  const peer = grid.world.admit('rogue', ['master'])
  const life = grid.world.live(peer)
  const rest = { site: 'rogue', shadows: 0, usedBytes: 0, freeBytes: 0, trashed: 0, trashBytes: 0, refusedDrops: 0 }
  life.network.handle(liveness, async () => ({ roles: ['master'], load: 0, images: 0, ...rest }) as never)
  await grid.run(life.directory.announce('master'))
  return { grid, life }
}

/** What a master says that stores nothing, by what is wrong with it. */
const LIES: Record<string, (said: { record: EncodedRecord; life: VirtualLife; grid: HospitalGrid }) => PutImageAnswer> =
  {
    'no other master keeps it': ({ record, life }) => answer(record, [life.signer]),
    'its own word twice': ({ record, life }) => answer(record, [life.signer, life.signer]),
    'a stranger keeps it': ({ record, life }) => answer(record, [life.signer, stranger]),
    'a slave keeps it': ({ record, life, grid }) => answer(record, [life.signer, grid.slaves[0].life.signer]),
    "another master's word for another record": ({ record, life, grid }) => {
      const { signer } = grid.masters[0].life
      const word = { master: signer.self, signature: signKept(sha256Hex(new Uint8Array(1)), signer) }
      return { record: record.encoded, kept: [...answer(record, [life.signer]).kept, word] }
    },
    'a record that is none': ({ record, life, grid }) => {
      const all = answer(record, [life.signer, grid.masters[0].life.signer])
      return { ...all, record: Uint8Array.of(1, 2, 3) }
    }
  }

function answer({ encoded }: EncodedRecord, signers: readonly VirtualLife['signer'][]): PutImageAnswer {
  const kept = signers.map(signer => ({ master: signer.self, signature: signKept(sha256Hex(encoded), signer) }))
  return { record: encoded, kept }
}

/** Store until the rogue has been asked; how often it was, and whether all images are there in the end. */
async function storeUntilAsked(grid: HospitalGrid, life: VirtualLife, lie: (sealed: SealedImage) => PutImageAnswer) {
  let asked = 0
  const sealed = await grid.run(Promise.all([1, 2, 3, 4, 5, 6].map(seed => grid.owner.role.seal(picture(seed)))))
  life.network.handle(putImage, async ({ claim }) => {
    asked++
    const { id } = decodeClaim(claim)
    return lie(sealed.find(each => each.id === id) as SealedImage) // it is asked for nothing else
  })
  for (const each of sealed) await grid.run(grid.owner.role.send(each))
  for (const { id } of sealed) expect((await grid.run(grid.user.role.fetch(id))).length).toBeGreaterThan(0)
  return asked
}

describe('a master that says it has stored and has not', () => {
  for (const [what, lie] of Object.entries(LIES)) {
    it(`${what}: the owner asks the next master, and what it calls stored is stored`, async () => {
      const { grid, life } = await withRogue(2)
      life.network.handle(syncRecords, async () => ({ records: [], last: 0 }))
      const asked = await storeUntilAsked(grid, life, sealed =>
        lie({ record: signedBy(grid, sealed, { master: life.signer }), life, grid })
      )
      expect(asked).toBeGreaterThan(0)
    })
  }

  it('receipts that no slave signed, or for another image: the next master is asked', async () => {
    const { grid, life } = await withRogue(2)
    life.network.handle(syncRecords, async () => ({ records: [], last: 0 }))
    const bystander = grid.masters[0].life.signer // colludes: it signs that it keeps what it does not
    const asked = await storeUntilAsked(grid, life, sealed =>
      answer(
        signedBy(grid, sealed, {
          master: life.signer,
          holder: holder => ({ ...holder, receipt: new Uint8Array(64) })
        }),
        [life.signer, bystander]
      )
    )
    expect(asked).toBeGreaterThan(0)
  })

  it('and there is no other master: PROOF_INVALID, and the owner is told which it was', async () => {
    const { grid, life } = await withRogue(0)
    const told: unknown[] = []
    const log = (fact: string, fields = {}): void => void told.push({ fact, ...fields })
    const owner = grid.client('owner', ports => new Owner({ ...ports, log }))
    const sealed = await grid.run(owner.role.seal(picture(1)))
    const bad = signedBy(grid, sealed, { master: life.signer, holder: holder => ({ ...holder, bytes: 1 }) })
    life.network.handle(putImage, async () => answer(bad, [life.signer]))
    expect(await grid.codeOf(owner.role.send(sealed))).toBe('PROOF_INVALID')
    expect(told).toMatchObject([{ fact: 'a master does not prove what it says', master: life.signer.self }])
  })
})

describe('a master that says it has deleted and has not', () => {
  it('the owner asks the next master, and the image is gone', async () => {
    const { grid, life } = await withRogue(2)
    life.network.handle(syncRecords, async () => ({ records: [], last: 0 }))
    life.network.handle(getImage, async () => {
      throw new NetError('IMAGE_NOT_FOUND', 'says the rogue')
    })
    let asked = 0
    life.network.handle(deleteImage, async request => {
      asked++
      if ('image' in request) return { digest: sha256Hex(new Uint8Array(1)) }
      return { kept: [{ master: life.signer.self, signature: new Uint8Array(64) }] }
    })
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { id } = await grid.run(grid.owner.role.store(picture(seed)))
      expect(await grid.run(grid.owner.role.delete(id))).toBe(2)
      expect(await grid.codeOf(grid.user.role.fetch(id))).toBe('IMAGE_NOT_FOUND')
    }
    expect(asked).toBeGreaterThan(0)
  })
})

/** What a master makes of the results it should give; the second of them is the nearest. */
const FORGERIES: Record<string, (results: SearchResult[], grid: HospitalGrid) => SearchResult[]> = {
  'another distance': ([one, ...rest]) => [{ ...one, distance: one.distance + 1 }, ...rest],
  'another code, so that a far image is near': ([one, ...rest]) => [altered(one, { code: new Uint8Array(8) }), ...rest],
  'another owner': ([one, ...rest], grid) => [altered(one, { owner: grid.user.peer }), ...rest],
  'an image that does not exist': (results, grid) => {
    const claim = { ...decodeClaim(results[0].claim), digest: sha256Hex(new Uint8Array(9)) }
    const id = ownedImageId(claim.owner, claim.digest)
    const ownerSignature = grid.masters[0].life.signer.sign(claimBytes({ ...claim, id }))
    return [...results, { claim: encodeClaim({ ...claim, id, ownerSignature }), distance: 0 }]
  },
  'an image of an owner whom no roster has': (results, grid) => {
    const claim = { ...decodeClaim(results[0].claim), owner: stranger.self }
    const id = ownedImageId(claim.owner, claim.digest)
    expect(grid.world.member(stranger.self)).toBeUndefined()
    const ownerSignature = stranger.sign(claimBytes({ ...claim, id }))
    return [...results, { claim: encodeClaim({ ...claim, id, ownerSignature }), distance: 0 }]
  },
  'one image twice': ([one, ...rest]) => [one, one, ...rest],
  'bytes that are no claim': results => [...results, { claim: Uint8Array.of(0xff), distance: 0 }]
}

function altered({ claim, distance }: SearchResult, change: Partial<ImageClaim>): SearchResult {
  const given = { ...decodeClaim(claim), ...change }
  return { claim: encodeClaim({ ...given, id: ownedImageId(given.owner, given.digest) }), distance }
}

describe('a master that lies in search', () => {
  /** Two honest masters with three images; the first one's answers are changed from now on. */
  async function searched(change: (results: SearchResult[], grid: HospitalGrid) => SearchResult[], masters: number) {
    const grid = await new HospitalGrid({ signatures: 'ed25519', masters }).start()
    for (const seed of [1, 2, 3]) await grid.run(grid.owner.role.store(picture(seed)))
    const search = async (k: number) => {
      const told: MasterReport[] = []
      const onReport = (reports: readonly MasterReport[]): void => void told.push(...reports)
      const found = await grid.run(grid.user.role.search(picture(1), { k, onReport }))
      return { found, told }
    }
    const honest = await search(5)
    const liar = grid.masters[0]
    liar.life.network.tamper = (protocol, bytes) => {
      if (protocol !== searchImages.id) return bytes
      const { results, stored } = searchImages.answer.decode(bytes)
      return searchImages.answer.encode({ results: change([...results], grid), stored })
    }
    return { search, honest, liar: liar.peer }
  }

  for (const [what, forge] of Object.entries(FORGERIES)) {
    it(`${what}: found is what another master says, and the liar is told of`, async () => {
      const { search, honest, liar } = await searched(forge, 2)
      const { found, told } = await search(5)
      expect(found).toEqual(honest.found)
      expect(told.find(({ master }) => master === liar)?.false).toBe(1)
      expect(told.find(({ master }) => master !== liar)).toMatchObject({ false: 0, withheld: 0, told: 3 })
    })

    it(`${what}, and there is no other master: nothing false is found`, async () => {
      const { search, honest } = await searched(forge, 1)
      const { found, told } = await search(5)
      for (const { id, distance } of found) {
        expect(honest.found.find(each => each.id === id)?.distance).toBe(distance)
      }
      expect(told).toMatchObject([{ false: 1 }])
    })
  }

  it('an image withheld: it is found all the same, and the report of two masters shows who withholds', async () => {
    const { search, honest, liar } = await searched(results => results.slice(1), 2)
    for (const k of [1, 2, 5]) {
      const { found, told } = await search(k)
      expect(found.map(({ id }) => id)).toEqual(honest.found.slice(0, k).map(({ id }) => id))
      expect(told.find(({ master }) => master === liar)?.withheld).toBe(1)
      expect(told.find(({ master }) => master !== liar)?.withheld).toBe(0)
    }
  })
})
