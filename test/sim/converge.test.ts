import { describe, expect, it } from 'vitest'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { type Random, randomBelow, seededRandom, shuffled } from '../../base/random.ts'
import type { Roster } from '../../base/roles.ts'
import { type EncodedRecord, encodedRecord } from '../../indexing/encoded-record.ts'
import { MemoryRecordStore } from '../../indexing/memory-record-store.ts'
import { supersedes } from '../../indexing/supersedes.ts'
import { answerCompare } from '../../node/replication/answer-compare.ts'
import { CatchUp, type CatchUpPorts } from '../../node/replication/catch-up.ts'
import { giveChanges, takeRecords } from '../../node/replication/take-records.ts'
import { type CompareIndexRequest, compareIndex } from '../../protocols/compare-index.ts'
import type { Network } from '../../protocols/network.ts'
import type { PullRecords } from '../../protocols/sync-records.ts'
import { exampleImage, examplePeer, exampleRecord } from '../contract/example-record.ts'

const HISTORIES = Number(process.env.HISTORIES ?? 600)
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1)
const MASTERS = 3
const STEPS = 14
const QUIET_ROUNDS = 4

/** Records, sharings anew and deletions of ten images, three of them in one bucket with another. */
const POOL = imagesOfSharedBuckets().flatMap(image =>
  [
    { counter: 1 },
    { counter: 2, master: 'a' },
    { counter: 2, master: 'b' },
    { counter: 1, asked: 1_763_000_000_001 },
    { counter: 1, deleted: true },
    { counter: 2, deleted: true }
  ].map(init => encodedRecord(exampleRecord({ image, ...init })))
)

function imagesOfSharedBuckets(): number[] {
  const seen = new Map<string, number>()
  const images = [1, 2, 3, 4]
  for (let image = 10; images.length < 10; image++) {
    const bucket = exampleImage(image).slice(0, 4)
    const other = seen.get(bucket)
    if (other !== undefined) images.push(other, image)
    seen.set(bucket, image)
  }
  return images
}

/** One master: the real store and the real catching up; its disk may be another the next time. */
interface Twin {
  readonly peer: PeerId
  records: MemoryRecordStore
  catchUp: CatchUp
  backup: () => Promise<MemoryRecordStore>
}

/** Masters over a network that loses, doubles and delays; signatures are not looked at, all else is what runs in a hospital. */
class Chaos {
  readonly twins: Twin[] = []
  readonly #random: Random
  quiet = false
  now = 0

  constructor(seed: number) {
    this.#random = seededRandom(`converge ${seed}`)
  }

  async start(): Promise<void> {
    for (let at = 0; at < MASTERS; at++) {
      const records = new MemoryRecordStore(this.#random)
      await records.start()
      const peer = examplePeer(`master ${at}`)
      this.twins.push({ peer, records, catchUp: this.#life(peer, records), backup: () => backupOf(records) })
    }
  }

  /** Some things happen at once. */
  async step(): Promise<void> {
    const count = 1 + randomBelow(this.#random, 4)
    await Promise.all(Array.from({ length: count }, () => this.#happen()))
    this.now += 3_600_000
  }

  async #happen(): Promise<void> {
    const [twin, other] = shuffled(this.#random, this.twins)
    const dice = randomBelow(this.#random, 20)
    if (dice < 9) return this.#store(twin)
    if (dice < 16) return twin.catchUp.from(other.peer)
    if (dice < 18) return this.#backUp(twin)
    return this.#replace(twin, dice === 18 ? await twin.backup() : new MemoryRecordStore(this.#random))
  }

  /** A master keeps a record and pushes it. */
  async #store(twin: Twin): Promise<void> {
    const record = POOL[randomBelow(this.#random, POOL.length)]
    await twin.records.put(record)
    const others = this.twins.filter(each => each !== twin)
    await Promise.all(others.map(({ peer }) => this.#deliver(() => this.#push(peer, record)).catch(() => {})))
  }

  async #push(peer: PeerId, record: EncodedRecord): Promise<void> {
    const twin = this.#twin(peer)
    await takeRecords([record], this.#ports(peer, twin.records))
  }

  #backUp(twin: Twin): void {
    const { records } = twin
    const taken = backupOf(records)
    twin.backup = () => taken
  }

  async #replace(twin: Twin, records: MemoryRecordStore): Promise<void> {
    await records.start()
    twin.records = records
    twin.catchUp = this.#life(twin.peer, records)
  }

  /** Do something over the network: perhaps late, twice, or not at all, and perhaps nobody hears that it was done. */
  async #deliver<T>(work: () => Promise<T>): Promise<T> {
    const dice = this.quiet ? 100 : randomBelow(this.#random, 20)
    for (let wait = this.quiet ? 0 : randomBelow(this.#random, 12); wait > 0; wait--) await null
    if (dice < 4) throw new NetError('PEER_UNREACHABLE', 'lost')
    if (dice < 7) await work()
    const result = await work()
    if (dice === 7) throw new NetError('REQUEST_TIMEOUT', 'the answer is lost')
    return result
  }

  #life(peer: PeerId, records: MemoryRecordStore): CatchUp {
    return new CatchUp(this.#ports(peer, records))
  }

  #ports(self: PeerId, records: MemoryRecordStore): CatchUpPorts {
    const roster: Roster = {
      member: (peer: PeerId) => ({ peer, site: 'site', roles: ['owner', 'master', 'slave'] }),
      withRole: () => this.twins.map(({ peer }) => peer)
    } as never
    const signer = { self, sign: () => new Uint8Array(64), verify: () => true }
    const clock = { now: () => this.now, monotonic: () => this.now, setTimer: () => () => {} }
    const request = (peer: PeerId, { id }: { id: string }, asked: CompareIndexRequest | PullRecords) =>
      this.#deliver<unknown>(async () => {
        const theirs = this.#twin(peer).records
        if (id === compareIndex.id) return answerCompare(asked as CompareIndexRequest, theirs)
        return giveChanges({ ...(asked as PullRecords), limit: 3 }, theirs)
      })
    return { records, roster, signer, clock, network: { self, request } as unknown as Network }
  }

  #twin(peer: PeerId): Twin {
    const twin = this.twins.find(each => each.peer === peer)
    if (twin === undefined) throw new Error('no such master')
    return twin
  }
}

/** What a backup gives back: the same incarnation and cursors, the records as they were, sequences that are given again. */
async function backupOf(records: MemoryRecordStore): Promise<MemoryRecordStore> {
  const incarnation = Buffer.from(records.incarnation, 'hex')
  const copy = new MemoryRecordStore({
    fill: target => {
      target.set(incarnation)
      return target
    }
  })
  await copy.start()
  for (let at = 0; at < MASTERS; at++) {
    const cursor = records.cursor(examplePeer(`master ${at}`))
    if (cursor !== undefined) await copy.moveCursor(examplePeer(`master ${at}`), cursor)
  }
  for (const each of await records.changes(0, 1000)) await copy.put(each)
  return copy
}

/** What any master holds, merged: of each image the one record that wins. */
async function mergeOf(twins: readonly Twin[]): Promise<Map<string, EncodedRecord>> {
  const merged = new Map<string, EncodedRecord>()
  for (const { records } of twins) {
    for (const each of await records.list(undefined, 1000)) {
      const held = merged.get(each.record.id)
      if (held === undefined || supersedes(each, held)) merged.set(each.record.id, each)
    }
  }
  return merged
}

/** Live through one history; what is wrong in the end, if anything. */
async function live(seed: number): Promise<string | undefined> {
  const chaos = new Chaos(seed)
  await chaos.start()
  for (let step = 0; step < STEPS; step++) await chaos.step()
  const expected = await mergeOf(chaos.twins)
  chaos.quiet = true
  for (let round = 0; round < QUIET_ROUNDS; round++) {
    chaos.now += 24 * 3_600_000
    for (const twin of chaos.twins)
      for (const other of chaos.twins) if (other !== twin) await twin.catchUp.from(other.peer)
  }
  if (new Set(chaos.twins.map(({ records }) => records.digests.root)).size !== 1) return 'indexes differ'
  for (const { records } of chaos.twins) {
    const held = await records.list(undefined, 1000)
    if (held.length !== expected.size) return `${held.length} records, not ${expected.size}`
    for (const { record, encoded } of held) {
      const wins = expected.get(record.id)
      if (wins === undefined || Buffer.compare(wins.encoded, encoded) !== 0) return 'a record that should not have won'
    }
  }
  return undefined
}

describe('masters converge', () => {
  it(`over ${HISTORIES} histories from seed ${FIRST_SEED}, a CI share, of messages lost, doubled and late, disks lost, backups restored`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
      expect(await live(seed), `seed ${seed}`).toBeUndefined()
    }
  }, 600_000)
})
