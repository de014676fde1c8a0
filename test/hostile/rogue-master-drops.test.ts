import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../base/bytes.ts'
import type { ImageId, PeerId, ShadowNumber, SharingId } from '../../base/ids.ts'
import { encodeAbort, encodeDeletion } from '../../indexing/encode-proof.ts'
import type { Abort, Origin } from '../../indexing/proof.ts'
import { signAbort, signDeletion } from '../../node/proofs/sign-proof.ts'
import { dropShadow } from '../../protocols/drop-shadow.ts'
import { putShadow } from '../../protocols/put-shadow.ts'
import type { ShadowEntry } from '../../storage/shadow-store.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { type Change, signedBy } from '../network/node/signed-by.ts'

const SPLIT = { threshold: { fixed: { threshold: 2, total: 3 } } }
const HOUR_MS = 3_600_000

/** A network in which an image is stored, one of its shadows, and a master that did not put it and turns rogue. */
async function attacked(masters = 2) {
  const grid = await new HospitalGrid({ masters, slaves: 5, master: SPLIT }).start()
  const sealed = await grid.run(grid.owner.role.seal(picture(1)))
  const { id: image } = await grid.run(grid.owner.role.send(sealed))
  const [slave, entry] = await shadowOf(grid, image)
  const putter = grid.masters.find(({ peer }) => peer === entry.master) ?? grid.masters[0]
  const rogue = grid.masters.find(({ peer }) => peer !== entry.master) ?? grid.masters[0]
  const drop = (proof: Uint8Array[], from = rogue) => {
    const { sharing, number } = entry
    return grid.codeOf(from.life.network.request(slave.peer, dropShadow, { image, sharing, number, proof }))
  }
  const isHeld = async () => (await slave.shadows.find(entry)) !== undefined
  return { grid, sealed, image, slave, entry, putter, rogue, drop, isHeld }
}

async function shadowOf(grid: HospitalGrid, image: ImageId) {
  for (const slave of grid.slaves) {
    const [entry] = await slave.shadows.list({ image })
    if (entry !== undefined) return [slave, entry] as const
  }
  throw new Error('no slave holds a shadow')
}

type Attacked = Awaited<ReturnType<typeof attacked>>

const originOf = ({ asked, counter, master }: ShadowEntry): Origin => ({ asked, counter, master: master as PeerId })
const abortOf = ({ entry }: Attacked, change: Partial<Abort> = {}): Omit<Abort, 'signature'> => {
  const { image, sharing } = entry
  return { image, sharing, origin: originOf(entry), time: 1, ...change }
}
/** A record of another sharing of the image, asked for later than the one that is held, and what is changed in it. */
const recordOf = ({ grid, sealed, entry, rogue }: Attacked, { claim, ...change }: Change = {}): Uint8Array => {
  const sharing = 'abababababababab' as SharingId
  const later = { time: entry.asked + 1, master: rogue.peer, ...claim }
  const placement = { sharing, ...change.placement }
  return signedBy(grid, sealed, { master: rogue.life.signer, ...change, claim: later, placement }).encoded
}

/** What a rogue master may bring, and what it is told. */
const PROOFS: Record<string, { code: string; make: (world: Attacked) => Uint8Array[] }> = {
  'nothing that proves anything': { code: 'PROOF_INVALID', make: () => [new Uint8Array(9)] },
  'the deletion of another image of the same owner': {
    code: 'PROOF_INVALID',
    make: ({ grid }) => {
      const { signer } = grid.owner.life
      const digest = 'cd'.repeat(32)
      return [encodeDeletion(signDeletion({ id: ownedImageId(signer.self, digest), digest, time: 1 }, signer))]
    }
  },
  'a deletion signed by itself': {
    code: 'SIGNATURE_INVALID',
    make: ({ grid, sealed, image, rogue }) => {
      const deletion = signDeletion(
        { id: image, digest: sealed.digest, time: 1 },
        { ...rogueSigner(rogue), self: grid.owner.peer }
      )
      return [encodeDeletion(deletion)]
    }
  },
  'a deletion of its own image of the same bytes': {
    code: 'PROOF_INVALID',
    make: ({ sealed, rogue }) => {
      const id = ownedImageId(rogue.peer, sealed.digest)
      return [encodeDeletion(signDeletion({ id, digest: sealed.digest, time: 1 }, rogue.life.signer))]
    }
  },
  'an unused claim of the owner, asked earlier than what is held': {
    code: 'PROOF_INVALID',
    make: world => [recordOf(world, { claim: { time: world.entry.asked - 1 } })]
  },
  'a later record of another image': {
    code: 'PROOF_INVALID',
    make: world => {
      const digest = 'ef'.repeat(32)
      return [recordOf(world, { claim: { digest, id: ownedImageId(world.grid.owner.peer, digest) } })]
    }
  },
  'a later record whose claim it signed itself': {
    code: 'SIGNATURE_INVALID',
    make: world => [recordOf(world, { owner: world.rogue.life.signer })]
  },
  'a later record with forged receipts': {
    code: 'PROOF_INVALID',
    make: world => [recordOf(world, { placement: { holders: holdersOf(world, { receipt: new Uint8Array(64) }) } })]
  },
  'a later record with the receipts of a sharing that is another': {
    code: 'PROOF_INVALID',
    make: world => [recordOf(world, { placement: { holders: holdersOf(world, {}) } })]
  },
  'a later record of holders who are no members': {
    code: 'NOT_PERMITTED',
    make: world => [recordOf(world, { placement: { holders: holdersOf(world, { isStranger: true }) } })]
  },
  'a later record with a counter of 9 and nobody to second it': {
    code: 'PROOF_INVALID',
    make: world => [recordOf(world, { record: { version: { counter: 9, master: world.rogue.peer } } })]
  },
  'its own abort': {
    code: 'PROOF_INVALID',
    make: world => [encodeAbort(signAbort(abortOf(world), world.rogue.life.signer))]
  },
  'its own abort, of an origin that names itself': {
    code: 'PROOF_INVALID',
    make: world => {
      const origin = { ...originOf(world.entry), master: world.rogue.peer }
      return [encodeAbort(signAbort(abortOf(world, { origin }), world.rogue.life.signer))]
    }
  },
  'an abort of another sharing by the master that put it': {
    code: 'PROOF_INVALID',
    make: world => [
      encodeAbort(signAbort(abortOf(world, { sharing: '0'.repeat(16) as SharingId }), world.putter.life.signer))
    ]
  },
  'the same abort twice, as if two masters had signed': {
    code: 'PROOF_INVALID',
    make: world => {
      const abort = encodeAbort(signAbort(abortOf(world), world.rogue.life.signer))
      return [abort, abort]
    }
  }
}

describe('a rogue master has shadows dropped', () => {
  for (const [what, { code, make }] of Object.entries(PROOFS)) {
    it(`with ${what}: ${code}, and the shadow stays`, async () => {
      const world = await attacked()
      expect(await world.drop(make(world))).toBe(code)
      expect(await world.isHeld()).toBe(true)
      expect(await world.grid.run(world.grid.user.role.fetch(world.image))).toEqual(picture(1))
    })
  }

  it('with the word of the master that put it, 61 minutes later: PROOF_INVALID; with that of all masters it goes', async () => {
    const world = await attacked()
    const aborts = [world.putter, world.rogue].map(({ life }) => encodeAbort(signAbort(abortOf(world), life.signer)))
    await world.grid.pass(HOUR_MS + 60_000)
    for (const from of [world.putter, world.rogue]) expect(await world.drop([aborts[0]], from)).toBe('PROOF_INVALID')
    expect(await world.isHeld()).toBe(true)
    expect(await world.drop(aborts)).toBe('none')
    expect(await world.slave.shadows.listTrash()).toMatchObject([{ reason: 'aborted' }])
  })

  it('with the record that is held: PROOF_INVALID to its holder, taken by a slave that it does not name', async () => {
    const world = await attacked()
    const { grid, entry, image, putter, drop, slave } = world
    const held = await putter.records.get(image)
    const proof = [held?.encoded ?? new Uint8Array()]
    expect(await drop(proof)).toBe('PROOF_INVALID')
    const spare = grid.slaves.find(
      ({ peer }) => !held?.record.stored?.placement.holders.some(one => one.slave === peer)
    )
    const { sharing, number, asked, counter } = entry
    const shadow = await slave.shadows.get(entry)
    const put = { image, sharing, number, asked, counter, shadow }
    await grid.run(putter.life.network.request(spare?.peer ?? slave.peer, putShadow, put))
    expect(await spare?.shadows.find(entry)).toBeDefined()
    const request = { image, sharing, number, proof }
    await grid.run(putter.life.network.request(spare?.peer ?? slave.peer, dropShadow, request))
    expect(await spare?.shadows.find(entry)).toBeUndefined()
  })

  it("the owner's deletion and a complete later record are taken, whoever brings them", async () => {
    for (const reason of ['deleted', 'replaced'] as const) {
      const world = await attacked()
      const { signer } = world.grid.owner.life
      const deletion = signDeletion({ id: world.image, digest: world.sealed.digest, time: 1 }, signer)
      expect(await world.drop([reason === 'deleted' ? encodeDeletion(deletion) : recordOf(world)])).toBe('none')
      expect(await world.isHeld()).toBe(false)
      expect(await world.slave.shadows.listTrash()).toMatchObject([{ ...originOf(world.entry), reason }])
    }
  })

  it('that it put itself, right after the store: they come back from the trash, and the image reads', async () => {
    const world = await attacked()
    const { grid, image, entry, putter } = world
    const abort = encodeAbort(signAbort(abortOf(world), putter.life.signer))
    const holders = (await putter.records.get(image))?.record.stored?.placement.holders ?? []
    for (const { slave, number } of holders) {
      const request = { image, sharing: entry.sharing, number, proof: [abort] }
      await grid.run(putter.life.network.request(slave, dropShadow, request))
    }
    expect(await grid.codeOf(grid.user.role.fetch(image))).toBe('NOT_ENOUGH_SHADOWS')
    for (const { shadows } of grid.slaves) {
      for (const trashed of await shadows.listTrash({ image })) expect(await shadows.restore(trashed)).toBe(true)
    }
    expect(await grid.run(grid.user.role.fetch(image))).toEqual(picture(1))
  })

  it('1,200 that it put itself: after 1,000 in an hour RATE_LIMITED, an alarm in log, vitals and status; an hour later more', async () => {
    const facts: string[] = []
    const log = (fact: string, fields = {}): void => void facts.push(JSON.stringify({ fact, ...fields }))
    const grid = await new HospitalGrid({ masters: 1, slaves: 3, log }).start()
    const [{ life, role, peer: master }] = grid.masters
    const [slave] = grid.slaves
    const keyOf = (at: number) => ({
      image: at.toString(16).padStart(64, '0') as ImageId,
      sharing: 'a'.repeat(16) as SharingId,
      number: 1 as ShadowNumber
    })
    const origin = { asked: 1, counter: 1, master }
    const codes = new Map<string, number>()
    const drop = async (at: number): Promise<string> => {
      const { image, sharing, number } = keyOf(at)
      const proof = [encodeAbort(signAbort({ image, sharing, origin, time: 1 }, life.signer))]
      return grid.codeOf(life.network.request(slave.peer, dropShadow, { image, sharing, number, proof }))
    }
    for (let at = 0; at < 1200; at++) {
      const shadow = new Uint8Array(8)
      await grid.run(life.network.request(slave.peer, putShadow, { ...keyOf(at), asked: 1, counter: 1, shadow }))
    }
    for (let at = 0; at < 1200; at++) {
      const code = await drop(at)
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(Object.fromEntries(codes)).toEqual({ none: 1000, RATE_LIMITED: 200 })
    await grid.run(role.peers.beat(slave.peer))
    const { slaves } = await grid.run(role.status())
    expect(slaves.find(({ peer }) => peer === slave.peer)).toMatchObject({
      shadows: 200,
      trashed: 1000,
      refusedDrops: 200
    })
    expect(facts.filter(fact => fact.includes('"alarm":"drops"'))).toHaveLength(1)
    await grid.pass(HOUR_MS + 60_000)
    expect(await drop(1100)).toBe('none')
  })
})

function rogueSigner({ life }: { life: Attacked['rogue']['life'] }) {
  const { signer } = life
  return {
    sign: (message: Uint8Array) => signer.sign(message),
    verify: (...given: Parameters<typeof signer.verify>) => signer.verify(...given)
  }
}

/** Three holders with receipts of nothing in particular, or forged, or of peers outside. */
function holdersOf({ grid }: Attacked, { receipt, isStranger }: { receipt?: Uint8Array; isStranger?: boolean }) {
  return grid.slaves.slice(0, 3).map(({ peer, life }, at) => ({
    slave: isStranger ? (`12D3KooW${'123456789ABC'[at].repeat(44)}` as PeerId) : peer,
    number: (at + 1) as ShadowNumber,
    digest: 'aa'.repeat(32),
    bytes: 100,
    receipt: receipt ?? life.signer.sign(new Uint8Array(3))
  }))
}
