import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../base/bytes.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { type EncodedRecord, signedRecord, tombstoneOf } from '../../indexing/encoded-record.ts'
import type { Stored } from '../../indexing/image-record.ts'
import { signDeletion } from '../../node/proofs/sign-proof.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { type Change, signedBy } from '../network/node/signed-by.ts'

const stranger = createSigner(new Uint8Array(32).fill(99))

/** A grid with one stored image; its first master is rogue: it has its own key, and those of no other honest peer. */
async function attacked() {
  const grid = await new HospitalGrid({ signatures: 'ed25519', masters: 3 }).start()
  const sealed = await grid.run(grid.owner.role.seal(picture(1)))
  const { id } = await grid.run(grid.owner.role.send(sealed))
  await grid.when(async () => (await Promise.all(grid.masters.map(({ records }) => records.get(id)))).every(Boolean))
  const [rogue, victim] = grid.masters
  const push = ({ encoded }: Pick<EncodedRecord, 'encoded'>): Promise<string> =>
    grid.codeOf(rogue.life.network.request(victim.peer, syncRecords, { push: [encoded] }))
  const held = await victim.records.get(id)
  if (held?.record.stored === undefined) throw new Error('not stored')
  return { grid, sealed, id, rogue, victim, push, held, stored: held.record.stored }
}

/** Nothing happened: every master holds what it held, and the image reads and can be deleted. */
async function expectUnharmed({ grid, id, held }: Awaited<ReturnType<typeof attacked>>): Promise<void> {
  await grid.pass(120_000) // pulls, beats and reconciling have had their turns
  for (const { records } of grid.masters.slice(1)) expect((await records.get(id))?.encoded).toEqual(held.encoded)
  const all = held.record.stored?.placement.total
  expect(await grid.shadowCount()).toBe(all)
  expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(1))).toBe(0)
  expect(await grid.run(grid.owner.role.delete(id))).toBeGreaterThanOrEqual(2)
}

describe('a master that wants to destroy an image', () => {
  it("tombstones without the owner's signature: refused, the image stays", async () => {
    const scene = await attacked()
    const { rogue, sealed, push, id } = scene
    const forged = signDeletion({ id, digest: sealed.digest, time: 1 }, rogue.life.signer)
    const owner = scene.stored.claim.owner
    expect(await push(tombstoneOf({ ...forged, owner }))).toBe('SIGNATURE_INVALID')
    const version1 = encode([1, 'record', Buffer.from(id, 'hex'), [9, rogue.peer], 1, null, new Uint8Array(64)])
    expect(await push({ encoded: version1 })).toBe('PROOF_INVALID')
    await expectUnharmed(scene)
  })

  it('a deletion by another owner of the same bytes is of another image', async () => {
    const scene = await attacked()
    const other = scene.grid.client('owner other', ports => ports)
    const { encoded, record } = tombstoneOf(
      signDeletion({ ...scene.sealed, id: ownedImageId(other.peer, scene.sealed.digest), time: 1 }, other.life.signer)
    )
    expect(record.id).not.toBe(scene.id)
    await scene.push({ encoded })
    await expectUnharmed(scene)
  })

  const PLACEMENTS: [string, string, (scene: Awaited<ReturnType<typeof attacked>>) => EncodedRecord][] = [
    [
      'counter 2^53 - 1, signed by itself alone',
      'PROOF_INVALID',
      scene => forge(scene, { version: { counter: 2 ** 53 - 1, master: scene.rogue.peer } })
    ],
    [
      'counter 2^53 - 1, with receipts of slaves in league',
      'PROOF_INVALID',
      ({ grid, sealed, rogue, stored: { claim } }) =>
        signedBy(grid, sealed, {
          claim: { time: claim.time },
          record: { version: { counter: 2 ** 53 - 1, master: rogue.peer } }
        })
    ],
    [
      'counter 2^53 - 1, seconded by itself',
      'PROOF_INVALID',
      scene =>
        forge(scene, {
          version: { counter: 2 ** 53 - 1, master: scene.rogue.peer },
          cosign: { master: scene.rogue.peer, signature: new Uint8Array(64) }
        })
    ],
    [
      "counter 2, seconded in another master's name",
      'SIGNATURE_INVALID',
      scene =>
        forge(scene, {
          version: { counter: 2, master: scene.rogue.peer },
          cosign: { master: scene.victim.peer, signature: new Uint8Array(64) }
        })
    ],
    [
      'counter 2, seconded by a slave',
      'NOT_PERMITTED',
      scene =>
        forge(scene, {
          version: { counter: 2, master: scene.rogue.peer },
          cosign: { master: scene.grid.slaves[0].peer, signature: new Uint8Array(64) }
        })
    ],
    [
      'a claim with a later time, which the owner did not sign',
      'SIGNATURE_INVALID',
      scene => forge(scene, { claim: { ...scene.stored.claim, master: scene.rogue.peer, time: 8.64e15 } })
    ]
  ]
  for (const [what, code, make] of PLACEMENTS) {
    it(`a forged placement, ${what}: ${code}, the image stays`, async () => {
      const scene = await attacked()
      expect(await scene.push(make(scene))).toBe(code)
      await expectUnharmed(scene)
    })
  }

  it('a record signed by a slave, validly: NOT_PERMITTED', async () => {
    const scene = await attacked()
    const { life, peer } = scene.grid.slaves[0]
    const version = { counter: 2, master: peer }
    const record = signedRecord({ ...scene.stored, version }, bytes => life.signer.sign(bytes))
    expect(await scene.push(record)).toBe('NOT_PERMITTED')
    await expectUnharmed(scene)
  })

  it('an older record of the same image, all of it true: is kept by nobody', async () => {
    const scene = await attacked()
    const { grid, sealed, rogue } = scene
    // The owner asked the rogue once, and it kept that claim to itself.
    expect(await scene.push(signedBy(grid, sealed, { claim: { time: 1 }, master: rogue.life.signer }))).toBe('none')
    await expectUnharmed(scene)
  })
})

describe('a master that forges records of new images', () => {
  const RECORDS: [string, string, (scene: Awaited<ReturnType<typeof attacked>>) => Change][] = [
    ['an owner whom no roster has', 'NOT_PERMITTED', () => ({ owner: stranger, claim: { owner: stranger.self } })],
    [
      'a slave as owner',
      'NOT_PERMITTED',
      ({ grid }) => {
        const { signer } = grid.slaves[0].life
        return { owner: signer, claim: { owner: signer.self } }
      }
    ],
    ['a claim the owner did not sign', 'SIGNATURE_INVALID', () => ({ claim: { ownerSignature: new Uint8Array(64) } })],
    ['its own signature missing', 'SIGNATURE_INVALID', () => ({ record: { masterSignature: new Uint8Array(64) } })],
    [
      'receipts that nobody signed',
      'PROOF_INVALID',
      () => ({ holder: holder => ({ ...holder, receipt: new Uint8Array(64) }) })
    ],
    [
      'receipts of the slaves for other shadows',
      'PROOF_INVALID',
      () => ({ holder: holder => ({ ...holder, bytes: holder.bytes + 1 }) })
    ],
    [
      'receipts by itself as a slave',
      'NOT_PERMITTED',
      ({ rogue }) => ({ holder: (holder, at) => (at === 0 ? { ...holder, slave: rogue.peer } : holder) })
    ],
    ['receipts of another image', 'PROOF_INVALID', ({ stored }) => ({ placement: { ...stored.placement } })]
  ]
  for (const [what, code, change] of RECORDS) {
    it(`${what}: ${code}`, async () => {
      const scene = await attacked()
      const sealed = await scene.grid.run(scene.grid.owner.role.seal(picture(2)))
      const bad = signedBy(scene.grid, sealed, change(scene))
      expect(await scene.push(bad)).toBe(code)
      expect(await scene.victim.records.get(bad.record.id)).toBeUndefined()
      const good = signedBy(scene.grid, sealed)
      expect(await scene.push(good)).toBe('none') // nothing else was wrong with it
    })
  }

  it('one slave under two names of shadows, a shadow too few, a first placement that another master was asked for: MESSAGE_INVALID', async () => {
    const { grid, victim, push } = await attacked()
    const sealed = await grid.run(grid.owner.role.seal(picture(2)))
    const { encoded, record } = signedBy(grid, sealed)
    const stored = record.stored as Stored
    const [one, two] = stored.placement.holders
    const text = Buffer.from(encoded).toString('hex')
    const swap = (from: string, to: string): Uint8Array =>
      Buffer.from(text.replaceAll(Buffer.from(from).toString('hex'), Buffer.from(to).toString('hex')), 'hex')
    expect(await push({ encoded: swap(two.slave, one.slave) })).toBe('MESSAGE_INVALID')
    const claim = text.indexOf(Buffer.from('claim').toString('hex'))
    const master = Buffer.from(stored.version.master).toString('hex')
    const asked = text.slice(0, claim) + text.slice(claim).replace(master, Buffer.from(victim.peer).toString('hex'))
    expect(await push({ encoded: Buffer.from(asked, 'hex') })).toBe('MESSAGE_INVALID')
    const total = Buffer.from([0x03]).toString('hex')
    const fewer = text.replace(`${stored.placement.sharing}${total}`, `${stored.placement.sharing}04`)
    expect(fewer).not.toBe(text)
    expect(await push({ encoded: Buffer.from(fewer, 'hex') })).toBe('MESSAGE_INVALID')
  })
})

/** The stored record with something else in it, signed by the rogue; its slaves sign no new receipts. */
function forge({ rogue, stored }: Awaited<ReturnType<typeof attacked>>, change: Partial<Stored>): EncodedRecord {
  const version = { counter: 1, master: rogue.peer }
  const claim = { ...stored.claim, master: rogue.peer }
  const given = change.version === undefined ? { version, claim } : {}
  return signedRecord({ ...stored, ...given, ...change }, bytes => rogue.life.signer.sign(bytes))
}
