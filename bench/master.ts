// What a master does itself, through its own code but without sockets: two masters with their indexes on disk and five
// slaves in memory hand each other encoded messages in one process. Stores, fetches, and records taken from and given to
// another master, a second of this process's CPU time (other work on the machine counts less); median CPU time of a search.
// `node bench/master.ts [--json]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedImageId, sha256Hex } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { type PeerId, shadowNumber, sharingId, site } from '../base/ids.ts'
import { randomBytes, seededRandom, systemRandom } from '../base/random.ts'
import type { Member, Role, Roster } from '../base/roles.ts'
import { createSigner } from '../crypto/ed25519-signer.ts'
import { generateKeys } from '../crypto/keys.ts'
import { schemeNamed } from '../crypto/shadow-schemes.ts'
import type { Signer } from '../crypto/signer.ts'
import { receiptBytes } from '../indexing/encode-proof.ts'
import { claimBytes, encodeClaim } from '../indexing/encode-record.ts'
import { signedRecord } from '../indexing/encoded-record.ts'
import type { ImageClaim } from '../indexing/image-record.ts'
import { LevelRecordStore } from '../indexing/level-record-store.ts'
import { Master } from '../node/master/master.ts'
import type { MasterInit } from '../node/master/master-init.ts'
import { Slave } from '../node/slave/slave.ts'
import { getImage } from '../protocols/get-image.ts'
import type { Directory, Handler, Network } from '../protocols/network.ts'
import { putImage } from '../protocols/put-image.ts'
import { searchImages } from '../protocols/search-images.ts'
import { syncRecords } from '../protocols/sync-records.ts'
import { MemoryShadowStore } from '../storage/memory-shadow-store.ts'

const RECORDS = 5000
const BATCH = 500
const IMAGES = 600
const IMAGE_BYTES = 16 * 1024
const AT_ONCE = 32
const SEARCHES = 200
const SPACE = Object.freeze({ model: '5'.repeat(64), view: '1'.repeat(64), bits: 64 })
const MASTER: MasterInit = Object.freeze({
  threshold: { fixed: { threshold: 2, total: 3 } },
  replication: { pullMs: 3_600_000 } // only what is measured goes from one to the other
})
const random = seededRandom('bench master')

/** What was measured; all of it is CPU time. */
interface MasterFigures {
  readonly storesPerSecond: number
  readonly fetchesPerSecond: number
  readonly takenPerSecond: number
  readonly givenPerSecond: number
  readonly search10Us: number
  readonly search100Us: number
}

const members = new Map<PeerId, Member>()
const roster: Roster = {
  member: peer => members.get(peer),
  withRole: role => [...members.values()].filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer)
}
const directory: Directory = { announce: async () => {}, find: async role => [...roster.withRole(role)] }
const handlers = new Map<string, Handler<unknown, unknown>>()

function admit(role: Role, at: number): Signer {
  const signer = createSigner(randomBytes(random, 32))
  members.set(signer.self, { peer: signer.self, site: site(`site ${at}`), roles: [role] })
  return signer
}

/** A peer's network: every message is encoded and decoded, and handed to its handler at once. */
function networkOf(caller: Member): Network {
  const { signal } = new AbortController()
  return {
    self: caller.peer,
    async request<Q, A>(peer: PeerId, protocol: Parameters<Network['handle']>[0], request: Q): Promise<A> {
      const handler = handlers.get(peer + protocol.id)
      if (handler === undefined) throw new Error(`nobody answers ${protocol.id}`)
      const answer = await handler(protocol.request.decode(protocol.request.encode(request)), caller, { signal })
      return protocol.answer.decode(protocol.answer.encode(answer)) as A // of this protocol
    },
    handle: ({ id }, handler) => void handlers.set(caller.peer + id, handler as Handler<unknown, unknown>),
    connected: () => [...members.keys()].filter(peer => peer !== caller.peer),
    onPeer: () => () => {}
  }
}

function lifeOf({ self }: Signer) {
  const member = members.get(self) as Member // every signer is admitted
  return { network: networkOf(member), directory, roster, clock: systemClock, random: systemRandom }
}

async function measure(folder: string): Promise<MasterFigures> {
  const [first, second] = [admit('master', 0), admit('master', 1)]
  const slaves = Array.from({ length: 5 }, (_, at) => admit('slave', at))
  const owner = admit('owner', 9)
  const keys = generateKeys(random)
  const masters = [first, second].map((signer, at) => {
    const records = new LevelRecordStore(join(folder, `${at}`))
    return new Master({ ...lifeOf(signer), records, signer, keys, scheme: schemeNamed('bai') }, MASTER)
  })
  const roles = [
    ...slaves.map(signer => new Slave({ ...lifeOf(signer), signer, shadows: new MemoryShadowStore() })),
    ...masters
  ]
  for (const role of roles) await role.start()
  for (const { peers } of masters) await Promise.all([...members.keys()].map(peer => peers.beat(peer)))
  await Promise.all([masters[0].replicator.catchUp(second.self), masters[1].replicator.catchUp(first.self)])
  const masterNet = lifeOf(first).network
  const ownerNet = lifeOf(owner).network
  const signed = Array.from({ length: RECORDS }, () => newRecord(owner, first, slaves))
  const takenPerSecond = await perSecond(RECORDS, async () => {
    for (let at = 0; at < RECORDS; at += BATCH) {
      await masterNet.request(second.self, syncRecords, { push: signed.slice(at, at + BATCH) })
    }
  })
  const givenPerSecond = await perSecond(RECORDS, async () => {
    for (let after = 0; after < RECORDS; after += BATCH) {
      await masterNet.request(second.self, syncRecords, { after, limit: BATCH })
    }
  })
  const search = (k: number): Promise<unknown> =>
    ownerNet.request(second.self, searchImages, { ...SPACE, code: randomBytes(random, 8), k })
  await medianUs(SEARCHES, () => search(100)) // compiled, and in Level's cache
  const search10Us = await medianUs(SEARCHES, () => search(10))
  const search100Us = await medianUs(SEARCHES, () => search(100))
  const images = Array.from({ length: IMAGES }, (_, at) => newImage(owner, [first, second][at % 2]))
  const store = (at: number) => ownerNet.request([first, second][at % 2].self, putImage, images[at])
  const storesPerSecond = await perSecond(IMAGES, () => inLanes(AT_ONCE, IMAGES, store))
  const fetch = (at: number) => ownerNet.request(first.self, getImage, { image: images[at].id })
  const fetchesPerSecond = await perSecond(IMAGES, () => inLanes(AT_ONCE, IMAGES, fetch))
  for (const role of roles.reverse()) await role.stop()
  return { storesPerSecond, fetchesPerSecond, takenPerSecond, givenPerSecond, search10Us, search100Us }
}

function claimOf(digest: string, owner: Signer, master: Signer): ImageClaim {
  const [metadata, code, time] = [randomBytes(random, 200), randomBytes(random, 8), 1]
  const asked = {
    owner: owner.self,
    master: master.self,
    time,
    digest,
    space: SPACE,
    code,
    size: IMAGE_BYTES,
    metadata
  }
  return { ...asked, id: ownedImageId(owner.self, digest), ownerSignature: owner.sign(claimBytes(asked)) }
}

function newImage(owner: Signer, master: Signer) {
  const encrypted = randomBytes(random, IMAGE_BYTES)
  const claim = claimOf(sha256Hex(encrypted), owner, master)
  return { id: claim.id, claim: encodeClaim(claim), encrypted }
}

function newRecord(owner: Signer, master: Signer, slaves: readonly Signer[]): Uint8Array {
  const digest = sha256Hex(randomBytes(random, 32))
  const claim = claimOf(digest, owner, master)
  const sharing = sharingId(digest.slice(0, 16))
  const version = { counter: 1, master: master.self }
  const put = { image: claim.id, sharing, origin: { asked: 1, ...version }, digest, bytes: 1 }
  const holders = slaves.slice(0, 3).map((slave, at) => {
    const number = shadowNumber(at + 1)
    return { slave: slave.self, number, digest, bytes: 1, receipt: slave.sign(receiptBytes({ ...put, number })) }
  })
  const placement = { scheme: 'bai', sharing, total: 3, holders, sealedThreshold: randomBytes(random, 42) }
  const unsigned = { version, time: 1, claim, placement, cosign: undefined }
  return signedRecord(unsigned, bytes => master.sign(bytes)).encoded
}

/** Do `work` for 0 to `count` - 1, so many at once. */
async function inLanes(lanes: number, count: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function medianUs(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  while (times.length < count) {
    const began = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(began)
    times.push(user + system)
  }
  return times.sort((a, b) => a - b)[count >> 1]
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const began = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(began)
  return count / ((user + system) / 1e6)
}

const folder = await mkdtemp(join(tmpdir(), 'sfmedir-bench-'))
try {
  const figures = await measure(folder)
  const { search10Us, search100Us, ...rates } = figures
  const lines = Object.entries(rates).map(([what, value]) => `${what.padEnd(18)}${value.toFixed(0).padStart(8)}`)
  lines.push(`search, top 10 ${search10Us.toFixed(0)} µs, top 100 ${search100Us.toFixed(0)} µs of ${RECORDS} records`)
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : lines.join('\n'))
} finally {
  await rm(folder, { recursive: true })
}
