import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { SharingId, ShadowNumber } from '../../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../../base/limits.ts'
import { seededRandom } from '../../base/random.ts'
import { deriveKey } from '../../crypto/derive.ts'
import { sealBytes } from '../../crypto/seal.ts'
import { cosignBytes, encodeClaim } from '../../indexing/encode-record.ts'
import { type EncodedRecord, tombstoneOf } from '../../indexing/encoded-record.ts'
import type { Stored } from '../../indexing/image-record.ts'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { sealMetadata } from '../../node/client/seal-metadata.ts'
import type { SealedImage } from '../../node/client/stored-image.ts'
import { signDeletion } from '../../node/proofs/sign-proof.ts'
import { listRecords } from '../../protocols/list-records.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'
import { type Change, signedBy } from '../network/node/signed-by.ts'

const LAST = 8.64e15
const ZEROS = '0'.repeat(64)
const ONES = 'f'.repeat(64)
const random = seededRandom('poison')

/** Every field at its least and its most, and what fits its shape and means nothing; sealed parts too, with the real keys. */
function poisons(grid: HospitalGrid, sealed: SealedImage): Record<string, Change> {
  const { imageKey, thresholdKey } = grid.keys
  const { space } = sealed
  const image = sealed.id
  const threshold = (...plain: number[]): Change => {
    const sharing = sealed.digest.slice(0, 16)
    const associated = Buffer.from(`sfmedir/threshold/1/${image}/${sharing}`)
    return { placement: { sealedThreshold: sealBytes(thresholdKey, Uint8Array.from(plain), { associated, random }) } }
  }
  const coded = (bits: number, byte: number): Change => ({
    claim: { space: { ...space, bits }, code: new Uint8Array(bits / 8).fill(byte) }
  })
  const metadata = (bytes: Uint8Array): Change => ({ claim: { metadata: bytes } })
  const sealedAs = (plain: Uint8Array): Uint8Array => {
    const salt = Buffer.from(image, 'hex')
    const key = deriveKey(imageKey, { salt, info: 'sfmedir/metadata/1' })
    return sealBytes(key, plain, { associated: salt, random })
  }
  return {
    'claim.time 0': { claim: { time: 0 } },
    'claim.time last': { claim: { time: LAST } },
    'claim.digest': { claim: { digest: ONES } },
    'claim.model and view zeros': { claim: { space: { ...space, model: ZEROS, view: ZEROS } } },
    'claim.code of 8 bits': coded(8, 0),
    'claim.code of 256 bits': coded(256, 255),
    'claim.code zeros': coded(space.bits, 0),
    'claim.code ones': coded(space.bits, 255),
    'claim.size 1': { claim: { size: 1 } },
    'claim.size most': { claim: { size: 2 ** 28 } },
    'claim.metadata none': metadata(new Uint8Array()),
    'claim.metadata most': metadata(new Uint8Array(4096)),
    'claim.metadata of version 2 by its head': metadata(Buffer.concat([Buffer.from('SMD2'), new Uint8Array(100)])),
    'claim.metadata sealed, not CBOR': metadata(sealedAs(Uint8Array.of(0xff, 0xff))),
    'claim.metadata sealed, empty': metadata(sealedAs(new Uint8Array())),
    'claim.metadata sealed, time after the last date': metadata(
      sealMetadata({ name: '\u001b]52;c;x\u0007', labels: [], time: LAST }, { image, imageKey, random })
    ),
    'placement.scheme of one letter': { placement: { scheme: 'x' } },
    'placement.scheme of 32 letters': { placement: { scheme: 'x'.repeat(32) } },
    'placement.scheme another': { placement: { scheme: 'disperse' } },
    'placement.sharing zeros': { placement: { sharing: '0'.repeat(16) as SharingId } },
    'placement.sealedThreshold of 1 byte': { placement: { sealedThreshold: new Uint8Array(1) } },
    'placement.sealedThreshold of 256 bytes': { placement: { sealedThreshold: new Uint8Array(256) } },
    'placement.sealedThreshold 0 of 0': threshold(0, 0),
    'placement.sealedThreshold 255 of 255': threshold(255, 255),
    'placement.sealedThreshold 3 of 2': threshold(3, 2),
    'placement.sealedThreshold of one number': threshold(2),
    'placement.sealedThreshold of none': threshold(),
    'holder.digest zeros': { shadow: { digest: ZEROS } },
    'holder.bytes 1': { shadow: { bytes: 1 } },
    'holder.bytes most': { shadow: { bytes: MAX_SHADOW_BYTES } },
    'holder.number last': { shadow: { number: 3 as ShadowNumber } },
    'record.time 0': { record: { time: 0 } },
    'record.time last': { record: { time: LAST } },
    'record.counter 2': { record: { version: { counter: 2, master: grid.masters[0].peer } } },
    'record.counter last': { record: { version: { counter: 2 ** 53 - 1, master: grid.masters[0].peer } } }
  }
}

/** A poisoned record, with the word of a second rogue master where it takes one. */
function poisoned(grid: HospitalGrid, sealed: SealedImage, change: Change): EncodedRecord {
  const first = signedBy(grid, sealed, change)
  const stored = first.record.stored as Stored
  if (stored.version.counter === 1) return first
  const { signer } = grid.masters[1].life
  const cosign = { master: signer.self, signature: signer.sign(cosignBytes(stored, signer.self)) }
  return signedBy(grid, sealed, { ...change, record: { ...change.record, cosign } })
}

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-poison-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** All poisons, one image each, pushed at the third master by the first, with the second in league; and what came of it. */
async function poisonedGrid() {
  const facts: string[] = []
  const grid = await new HospitalGrid({
    signatures: 'ed25519',
    masters: 3,
    slaves: 5,
    log: fact => facts.push(fact)
  }).start()
  const good = await grid.run(
    Promise.all([1, 2, 3].map(seed => grid.owner.role.store(picture(seed), { name: `good ${seed}` })))
  )
  const [rogue, , victim] = grid.masters
  const names = Object.keys(poisons(grid, await grid.run(grid.owner.role.seal(picture(0)))))
  const pushed: [string, string, EncodedRecord][] = []
  const push = async (name: string, record: EncodedRecord): Promise<void> => {
    const code = await grid.codeOf(rogue.life.network.request(victim.peer, syncRecords, { push: [record.encoded] }))
    pushed.push([name, code, record])
  }
  for (const [at, name] of names.entries()) {
    const sealed = await grid.run(grid.owner.role.seal(picture(100 + at, 500)))
    await push(name, poisoned(grid, sealed, poisons(grid, sealed)[name]))
  }
  const { signer } = grid.owner.life
  for (const [name, time] of [
    ['deletion.time 0', 0],
    ['deletion.time last', LAST]
  ] as const) {
    const { id, digest } = await grid.run(grid.owner.role.seal(picture(200 + time)))
    await push(name, tombstoneOf(signDeletion({ id, digest, time }, signer)))
  }
  return { grid, good, victim, pushed, facts }
}

describe('records with every field at its extremes, by two masters, an owner and slaves in league', () => {
  it('are taken whole or refused with a code, and search, list, status, reconciling, fetch and delete of other images go on', async () => {
    const { grid, good, victim, pushed, facts } = await poisonedGrid()
    for (const [name, code] of pushed) expect([name, code]).toEqual([name, 'none'])
    const images = pushed.filter(([, , { record }]) => record.stored !== undefined).length
    const found = await grid.run(grid.user.role.search(picture(1), { k: 1000 }))
    for (const { id } of good) expect(found.some(each => each.id === id && each.metadata !== undefined)).toBe(true)
    const told: string[] = []
    for await (const { id } of iterate(grid, victim.peer)) told.push(id)
    expect(told).toHaveLength(images + good.length)
    const before = await grid.run(victim.role.status())
    expect(before.images).toBe(images + good.length)
    expect(before.unreadable).toBeGreaterThanOrEqual(6)
    for (const { peer } of grid.slaves) await grid.run(victim.role.reconcile(peer))
    const status = await grid.run(victim.role.status())
    expect(status).toMatchObject({ images: images + good.length, unreadable: images }) // no shadow of theirs exists
    expect(facts.filter(fact => /failed|not reconciled/.test(fact))).toEqual([])
    for (const [at, { id }] of good.entries()) {
      expect(Buffer.compare(await grid.run(grid.user.role.fetch(id)), picture(at + 1))).toBe(0)
    }
    for (const [name, , { record }] of pushed) {
      const code = await grid.codeOf(grid.user.role.fetch(record.id))
      expect([name, code]).toEqual([
        name,
        expect.stringMatching(/^(NOT_ENOUGH_SHADOWS|IMAGE_CORRUPT|IMAGE_NOT_FOUND)$/)
      ])
    }
    expect(await grid.run(grid.owner.role.delete(good[0].id))).toBeGreaterThanOrEqual(2)
    expect(await grid.run(grid.owner.role.store(picture(9)))).toMatchObject({ masters: expect.any(Number) })
  })

  it('come back from the disk as they went, and the store starts', async () => {
    const { pushed } = await poisonedGrid()
    const store = new LevelRecordStore(join(folder, 'records'))
    await store.start()
    for (const [, , record] of pushed) await store.put(record)
    await store.stop()
    await store.start()
    for (const [name, , { record, encoded }] of pushed) {
      const held = await store.get(record.id)
      expect([name, held && Buffer.compare(held.encoded, encoded)]).toEqual([name, 0])
      if (record.stored !== undefined) expect(encodeClaim(record.stored.claim).length).toBeLessThan(8192)
    }
    expect((await store.changes(0, 1000)).length).toBe(pushed.length)
    await store.stop()
  })
})

/** What one master lists, page by page. */
async function* iterate(grid: HospitalGrid, master: HospitalGrid['owner']['peer']) {
  for (let after: never | undefined; ; ) {
    const { records, next } = await grid.run(grid.user.life.network.request(master, listRecords, { after, limit: 10 }))
    for (const { claim } of records) yield { id: Buffer.from(claim).toString('hex') }
    if (next === undefined) return
    after = next as never
  }
}
