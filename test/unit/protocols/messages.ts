import * as fc from 'fast-check'
import { imageId, peerId, shadowNumber, sharingId, site } from '../../../base/ids.ts'
import { ROLES } from '../../../base/roles.ts'
import { auditShadow } from '../../../protocols/audit-shadow.ts'
import { type CompareIndexAnswer, type CompareIndexRequest, compareIndex } from '../../../protocols/compare-index.ts'
import { type DeleteImageAnswer, type DeleteImageRequest, deleteImage } from '../../../protocols/delete-image.ts'
import { cosignRecord } from '../../../protocols/cosign-record.ts'
import { dropShadow } from '../../../protocols/drop-shadow.ts'
import { findPeers } from '../../../protocols/find-peers.ts'
import { getImage } from '../../../protocols/get-image.ts'
import { getRecords } from '../../../protocols/get-records.ts'
import { getShadow } from '../../../protocols/get-shadow.ts'
import { IMAGE_STATES, listRecords } from '../../../protocols/list-records.ts'
import { listShadows } from '../../../protocols/list-shadows.ts'
import { liveness } from '../../../protocols/liveness.ts'
import type { Protocol } from '../../../protocols/network.ts'
import { networkStatus } from '../../../protocols/network-status.ts'
import { peerSilence } from '../../../protocols/peer-silence.ts'
import { putImage } from '../../../protocols/put-image.ts'
import { putRecord } from '../../../protocols/put-record.ts'
import { putShadow } from '../../../protocols/put-shadow.ts'
import { searchImages } from '../../../protocols/search-images.ts'
import { SHADOW_FAULTS, verifyImages } from '../../../protocols/verify-images.ts'
import { syncRecords, type SyncRecordsAnswer, type SyncRecordsRequest } from '../../../protocols/sync-records.ts'

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(raw => Buffer.from(raw).toString('hex'))
const base58 = fc.constantFrom(...'123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz')
const raw = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

const image = hex(32).map(imageId)
const key = { image, sharing: hex(8).map(sharingId), number: fc.integer({ min: 1, max: 255 }).map(shadowNumber) }
const peer = fc.string({ unit: base58, minLength: 46, maxLength: 60 }).map(peerId)
const place = fc.string({ minLength: 1, maxLength: 64 }).map(site)
const whole = fc.maxSafeNat()
const kept = fc.array(fc.record({ master: peer, signature: raw(64, 64) }), { minLength: 1, maxLength: 9 })
const beside = fc.record({
  digest: hex(32),
  notes: fc.array(fc.record({ slave: peer, signature: raw(64, 64) }), { maxLength: 9 })
})
const time = fc.integer({ min: 0, max: 8.64e15 })
const permille = fc.integer({ min: 0, max: 999 })
const counter = fc.integer({ min: 1 })
const empty = fc.constant({})

const code = raw(1, 32).chain(bytes =>
  fc.record({
    code: fc.constant(bytes),
    model: hex(32),
    view: hex(32),
    bits: fc.constant(bytes.length * 8),
    k: fc.integer({ min: 1, max: 1000 })
  })
)
const result = fc.record({ claim: raw(1, 99), distance: fc.integer({ min: 0, max: 256 }) })
const listing = fc.record(
  { image, after: fc.record(key), limit: fc.integer({ min: 1, max: 1000 }) },
  { requiredKeys: ['limit'] }
)
const life = {
  roles: fc.subarray([...ROLES]),
  site: place,
  shadows: whole,
  usedBytes: whole,
  freeBytes: whole,
  trashed: whole,
  trashBytes: whole,
  refusedDrops: whole,
  leaving: fc.boolean(),
  load: whole,
  images: whole
}
const index = fc.record({ ...life, index: hex(32) }, { requiredKeys: Object.keys(life) as (keyof typeof life)[] })
const heldRecords = fc.array(fc.record({ id: image, digest: raw(32, 32) }), { maxLength: 5 })
const range = fc.record({ after: image, upTo: image, held: heldRecords }, { requiredKeys: ['upTo', 'held'] })
const listed = fc.record({ claim: raw(1, 99), state: fc.constantFrom(...IMAGE_STATES) })
const verified = fc.record({
  image,
  state: fc.constantFrom(...IMAGE_STATES),
  total: fc.integer({ min: 1, max: 255 }),
  faults: fc.array(fc.record({ slave: peer, number: key.number, fault: fc.constantFrom(...SHADOW_FAULTS) }), {
    maxLength: 5
  })
})
const pull = fc.record({ after: whole, limit: fc.integer({ min: 1, max: 1000 }) })
const push = fc.record({ push: fc.array(raw(1, 50), { maxLength: 9 }) })
const sequenced = fc.record({ sequence: fc.integer({ min: 1 }), record: raw(1, 50) })
const pulled = fc.record({ records: fc.array(sequenced, { maxLength: 5 }), last: whole })
const slave = fc.record({
  peer,
  site: place,
  alive: fc.boolean(),
  shadows: whole,
  freeBytes: whole,
  trashed: whole,
  refusedDrops: whole,
  leaving: fc.boolean(),
  images: whole
})
const repair = fc.record(
  { waiting: whole, nearest: whole, failing: whole, repaired: whole, alone: fc.boolean() },
  { requiredKeys: ['waiting', 'failing', 'repaired', 'alone'] }
)
const master = fc.record({ peer, alive: fc.boolean(), images: whole })
const owner = fc.record(
  { peer, images: whole, bytes: whole, quotaImages: whole, quotaBytes: whole },
  { requiredKeys: ['peer', 'images', 'bytes'] }
)
const status = {
  ageMs: whole,
  images: whole,
  healthy: whole,
  degraded: whole,
  unreadable: whole,
  auditFailures: whole,
  unknownShadows: whole,
  behind: fc.boolean(),
  repair,
  slaves: fc.array(slave, { maxLength: 5 }),
  masters: fc.array(master, { maxLength: 5 }),
  owners: fc.array(owner, { maxLength: 5 })
}

/** A protocol with its messages; the codec of a message is tried with values of its own kind only. */
interface Messages {
  readonly protocol: Protocol<never, never>
  readonly request: fc.Arbitrary<unknown>
  readonly answer: fc.Arbitrary<unknown>
}

function messages<Q, A>(protocol: Protocol<Q, A>, request: fc.Arbitrary<Q>, answer: fc.Arbitrary<A>): Messages {
  return { protocol: protocol as unknown as Protocol<never, never>, request, answer }
}

/** Every protocol, with arbitrary valid requests and answers. */
export const ALL_MESSAGES: readonly Messages[] = [
  messages(
    putImage,
    fc.record({ claim: raw(1, 99), encrypted: raw(1, 200) }),
    fc.record({ record: raw(1, 99), kept, beside }, { requiredKeys: ['record', 'kept'] })
  ),
  messages(getImage, fc.record({ image }), fc.record({ owner: peer, encrypted: raw(1, 200) })),
  messages(
    searchImages,
    code,
    fc.record(
      { results: fc.array(result, { maxLength: 9 }), stored: whole, coverage: permille },
      { requiredKeys: ['results', 'stored'] }
    )
  ),
  messages(
    deleteImage,
    fc.oneof<fc.Arbitrary<DeleteImageRequest>[]>(fc.record({ image }), fc.record({ deletion: raw(1, 99) })),
    fc.oneof<fc.Arbitrary<DeleteImageAnswer>[]>(fc.record({ digest: hex(32) }), fc.record({ kept }))
  ),
  messages(
    putShadow,
    fc.record({ ...key, asked: time, counter, shadow: raw(1, 200) }),
    fc.record({ receipt: raw(64, 64) })
  ),
  messages(
    putRecord,
    fc.record({ image, sharing: key.sharing, asked: time, counter, master: peer, sealed: raw(1, 200) }),
    fc.record({ note: raw(64, 64) })
  ),
  messages(
    getRecords,
    fc.record({ wanted: fc.array(fc.record({ image, sharing: key.sharing }), { minLength: 1, maxLength: 9 }) }),
    fc.record({
      records: fc.array(fc.record({ image, sharing: key.sharing, sealed: raw(1, 99) }), { maxLength: 9 })
    })
  ),
  messages(getShadow, fc.record(key), fc.record({ shadow: raw(1, 200) })),
  messages(
    dropShadow,
    fc.record({ ...key, proof: fc.array(raw(1, 99), { minLength: 1, maxLength: 3 }) }),
    fc.record({ dropped: fc.boolean() })
  ),
  messages(
    listShadows,
    listing,
    fc.record({
      entries: fc.array(
        fc.record(
          {
            ...key,
            bytes: fc.integer({ min: 0, max: 1e6 }),
            digest: hex(32),
            asked: fc.nat(),
            counter: whole,
            master: peer,
            record: hex(32)
          },
          { requiredKeys: ['image', 'sharing', 'number', 'bytes', 'digest', 'asked', 'counter'] }
        ),
        { maxLength: 9 }
      )
    })
  ),
  messages(
    listRecords,
    fc.record({ after: image, owner: peer, limit: fc.integer({ min: 1, max: 1000 }) }, { requiredKeys: ['limit'] }),
    fc.record({ records: fc.array(listed, { maxLength: 9 }), next: image }, { requiredKeys: ['records'] })
  ),
  messages(liveness, empty, index),
  messages(
    syncRecords,
    fc.oneof<fc.Arbitrary<SyncRecordsRequest>[]>(pull, push),
    fc.oneof<fc.Arbitrary<SyncRecordsAnswer>[]>(
      pulled,
      fc.record({ taken: fc.integer({ min: 0, max: 1000 }), kept: fc.array(raw(64, 64), { maxLength: 3 }) })
    )
  ),
  messages(
    compareIndex,
    fc.oneof<fc.Arbitrary<CompareIndexRequest>[]>(
      fc.record({ nodes: fc.array(fc.integer({ min: 0, max: 4368 }), { minLength: 1, maxLength: 9 }) }),
      fc.record({ ranges: fc.array(range, { minLength: 1, maxLength: 5 }) })
    ),
    fc.oneof<fc.Arbitrary<CompareIndexAnswer>[]>(
      fc.record({
        incarnation: raw(16, 16),
        last: whole,
        children: fc.array(raw(512, 512), { minLength: 1, maxLength: 3 })
      }),
      fc.record({ records: fc.array(raw(1, 50), { maxLength: 5 }), reached: image }, { requiredKeys: ['records'] })
    )
  ),
  messages(cosignRecord, fc.record({ record: raw(1, 99) }), fc.record({ signature: raw(64, 64) })),
  messages(
    peerSilence,
    fc.record({ peers: fc.array(peer, { minLength: 1, maxLength: 9 }) }),
    fc.record({ silentMs: fc.array(whole, { maxLength: 9 }) })
  ),
  messages(
    auditShadow,
    fc.record({ ...key, leaves: fc.array(fc.nat({ max: 65_000 }), { minLength: 1, maxLength: 8 }) }),
    fc.record({
      leaves: fc.array(fc.record({ leaf: raw(1, 200), path: fc.array(raw(32, 32), { maxLength: 5 }) }), {
        minLength: 1,
        maxLength: 8
      })
    })
  ),
  messages(
    verifyImages,
    fc.record(
      { after: image, owner: peer, limit: fc.integer({ min: 1, max: 100 }), deep: fc.boolean() },
      { requiredKeys: ['limit', 'deep'] }
    ),
    fc.record({ images: fc.array(verified, { maxLength: 5 }), next: image }, { requiredKeys: ['images'] })
  ),
  messages(
    networkStatus,
    empty,
    fc.record({ ...status, coverage: permille }, { requiredKeys: Object.keys(status) as (keyof typeof status)[] })
  ),
  messages(
    findPeers,
    fc.record({ role: fc.constantFrom(...ROLES) }),
    fc.record({ peers: fc.array(fc.record({ peer, addresses: fc.array(place, { maxLength: 3 }) }), { maxLength: 5 }) })
  )
]
