// How an index heals: what the tree of digests costs, what travels to find one difference, and how fast a master that missed records takes them over, every
// signature verified. `node bench/heal.ts [digests] [records]`: so many digests in the tree (1,000,000), so many signed records to take (5,000).
import { hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedImageId } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import type { ImageId, PeerId, SharingId, ShadowNumber } from '../base/ids.ts'
import { site } from '../base/ids.ts'
import { randomBytes, seededRandom } from '../base/random.ts'
import type { Role, Roster } from '../base/roles.ts'
import { createSigner } from '../crypto/ed25519-signer.ts'
import type { Signer } from '../crypto/signer.ts'
import { claimBytes } from '../indexing/encode-record.ts'
import { receiptBytes } from '../indexing/encode-proof.ts'
import { DigestTree } from '../indexing/digest-tree.ts'
import { type EncodedRecord, signedRecord } from '../indexing/encoded-record.ts'
import { LevelRecordStore } from '../indexing/level-record-store.ts'
import type { HeldRecord } from '../indexing/record-store.ts'
import { compareIndex } from '../protocols/compare-index.ts'
import { answerCompare } from '../node/replication/answer-compare.ts'
import { CatchUp } from '../node/replication/catch-up.ts'
import { compareIndexes } from '../node/replication/compare-indexes.ts'
import { giveChanges } from '../node/replication/take-records.ts'
import type { Network } from '../protocols/network.ts'

const SEED = 'bench heal'
const HOLDERS = 3

/** An index of digests alone, as large as one of records, in memory. */
class Digests {
  readonly digests = new DigestTree()
  readonly #records: readonly Uint8Array[]
  readonly #ids: readonly ImageId[]

  constructor(records: readonly Uint8Array[]) {
    this.#ids = records.map(record => Buffer.from(record).toString('hex') as ImageId)
    this.#records = records.map(record => Buffer.concat([Uint8Array.of(0), record])) // never the head of version 1
  }

  get size(): number {
    return this.#ids.length
  }

  /** Put all into the tree, as a start does. */
  load(): this {
    for (const [at, id] of this.#ids.entries()) this.digests.replace(id, undefined, this.#records[at])
    return this
  }

  async held(after: ImageId | undefined, upTo: ImageId, limit: number): Promise<HeldRecord[]> {
    const found = this.#ids.flatMap((id, at) =>
      (after === undefined || id > after) && id <= upTo
        ? [{ id, digest: hash('sha256', this.#records[at], 'buffer') }]
        : []
    )
    return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function benchDigests(count: number): Promise<void> {
  const random = seededRandom(SEED)
  const records = Array.from({ length: count }, () => randomBytes(random, 32))
  const mine = new Digests(records.slice(0, -1))
  let at = cpuMs()
  mine.load()
  console.log(`tree of ${count} digests built in ${(cpuMs() - at).toFixed(0)} ms CPU`)
  at = cpuMs()
  const { root } = mine.digests
  console.log(`its root, first time, in ${(cpuMs() - at).toFixed(0)} ms CPU: ${root.slice(0, 8)}`)
  benchChange(mine)
  await benchDifference(mine, new Digests(records).load())
}

function benchChange(mine: Digests): void {
  const { root } = mine.digests
  const at = cpuMs()
  for (let n = 0; n < 1000; n++) {
    mine.digests.replace('0'.repeat(64) as ImageId, undefined, Uint8Array.of(0, n & 255, n >> 8))
    if (mine.digests.root === root) throw new Error('a root that does not change')
    mine.digests.replace('0'.repeat(64) as ImageId, Uint8Array.of(0, n & 255, n >> 8), undefined)
  }
  console.log(`a change and its root in ${((cpuMs() - at) / 2).toFixed(1)} us CPU (1,000 times)`)
}

async function benchDifference(mine: Digests, theirs: Digests): Promise<void> {
  const count = theirs.size
  const wire = { bytes: 0, requests: 0 }
  const ask = async (request: Parameters<typeof compareIndex.request.encode>[0]) => {
    const store = {
      ...theirs,
      incarnation: '00'.repeat(16),
      lastSequence: count,
      held: theirs.held.bind(theirs),
      digests: theirs.digests
    }
    const getMany = async (ids: readonly ImageId[]) =>
      ids.map(id => ({ record: { id }, encoded: new Uint8Array(1500) }))
    const answer = await answerCompare(request, { ...store, getMany } as never) // no more of a store is asked here
    wire.bytes += compareIndex.request.encode(request).length + compareIndex.answer.encode(answer).length
    wire.requests++
    return answer
  }
  const top = await ask({ nodes: [0] })
  console.log(`alike or not is told in ${wire.bytes} bytes; a beat carries 32`)
  if (!('children' in top)) throw new Error('no nodes')
  let given = 0
  await compareIndexes(top.children[0], {
    records: mine,
    askNodes: async request => (await ask(request)) as never,
    askRanges: async request => (await ask(request)) as never,
    take: async got => {
      given += got.length
      return { taken: got.length, refused: 0 }
    }
  })
  console.log(
    `one difference of ${count}: ${given} record of 1,500 bytes found in ${wire.requests} requests, ${wire.bytes} bytes in all`
  )
}

interface Cast {
  readonly master: Signer
  readonly owner: Signer
  readonly slaves: readonly Signer[]
}

function signedRecordOf(at: number, { master, owner, slaves }: Cast): EncodedRecord {
  const random = seededRandom(`${SEED} ${at}`)
  const digest = Buffer.from(randomBytes(random, 32)).toString('hex')
  const id = ownedImageId(owner.self, digest)
  const space = { model: '1'.repeat(64), view: '2'.repeat(64), bits: 64 }
  const rest = {
    owner: owner.self,
    master: master.self,
    time: at,
    digest,
    space,
    code: randomBytes(random, 8),
    size: 150_000
  }
  const unsigned = { ...rest, id, metadata: randomBytes(random, 300) }
  const claim = { ...unsigned, ownerSignature: owner.sign(claimBytes(unsigned)) }
  const sharing = digest.slice(0, 16) as SharingId
  const origin = { asked: at, counter: 1, master: master.self }
  const holders = slaves.map((slave, which) => {
    const shadow = { number: (which + 1) as ShadowNumber, digest, bytes: 80_000 }
    return {
      slave: slave.self,
      ...shadow,
      receipt: slave.sign(receiptBytes({ image: id, sharing, origin, ...shadow }))
    }
  })
  const placement = { scheme: 'bai', sharing, total: holders.length, holders, sealedThreshold: new Uint8Array(48) }
  const version = { counter: 1, master: master.self }
  return signedRecord({ version, time: at, claim, placement, cosign: undefined }, bytes => master.sign(bytes))
}

async function benchCatchUp(count: number): Promise<void> {
  const signer = (n: number): Signer => createSigner(new Uint8Array(32).fill(n))
  const cast = {
    master: signer(1),
    owner: signer(2),
    slaves: Array.from({ length: HOLDERS }, (_, at) => signer(10 + at))
  }
  const self = signer(9)
  const roles: [PeerId, Role][] = [
    [cast.master.self, 'master'],
    [self.self, 'master'],
    [cast.owner.self, 'owner']
  ]
  for (const slave of cast.slaves) roles.push([slave.self, 'slave'])
  const members = new Map(roles.map(([peer, role]) => [peer, { peer, site: site('bench'), roles: [role] }]))
  const roster = {
    member: (peer: PeerId) => members.get(peer),
    withRole: () => [cast.master.self, self.self]
  } as unknown as Roster
  const folder = await mkdtemp(join(tmpdir(), 'sfmedir-heal-'))
  const [theirs, mine] = [new LevelRecordStore(join(folder, 'a')), new LevelRecordStore(join(folder, 'b'))]
  await Promise.all([theirs.start(), mine.start()])
  const records = Array.from({ length: count }, (_, at) => signedRecordOf(at, cast))
  await Promise.all(records.map(each => theirs.put(each)))
  console.log(`${count} records of ${HOLDERS} holders, ${records[0].encoded.length} bytes each`)
  const request = async (_: PeerId, { id }: { id: string }, asked: never) =>
    id === compareIndex.id ? answerCompare(asked, theirs) : giveChanges(asked, theirs)
  const network = { self: self.self, request } as unknown as Network
  const catchUp = new CatchUp({ records: mine, roster, signer: self, clock: systemClock, network })
  const [at, cpu] = [performance.now(), cpuMs()]
  await catchUp.from(cast.master.self)
  const [ms, busy] = [performance.now() - at, cpuMs() - cpu]
  if (mine.digests.root !== theirs.digests.root) throw new Error('not caught up')
  console.log(
    `taken over in ${ms.toFixed(0)} ms: ${(ms / count).toFixed(3)} ms and ${(busy / count).toFixed(3)} ms CPU a record`
  )
  await mine.stop()
  const start = cpuMs()
  await mine.start()
  console.log(`opened again, digests and all, in ${(cpuMs() - start).toFixed(0)} ms CPU`)
  await Promise.all([theirs.stop(), mine.stop()])
  await rm(folder, { recursive: true })
}

const [digests = 1_000_000, records = 5000] = process.argv.slice(2).map(Number)
await benchDigests(digests)
await benchCatchUp(records)
