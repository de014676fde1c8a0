import { equals } from 'uint8arrays/equals'
import { sleep } from '../../base/clock.ts'
import { type ErrorCode, isNetError } from '../../base/errors.ts'
import { exampleImage } from '../cluster/cluster.ts'
import { faultNamed } from '../faults/faults.ts'
import type { Invariant } from '../invariants/invariant.ts'
import { INVARIANTS } from '../invariants/invariants.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'
import { type Planted, VirtualCluster } from '../virtual/virtual-cluster.ts'
import { Ledger, type LedgerEntry } from '../invariants/ledger.ts'
import { type Action, type Plan, WORK_VERBS } from './plan.ts'

/** A promise that was broken. */
export interface Violation {
  /** The invariant's name. */
  readonly invariant: string
  readonly message: string
  readonly atMs: number
}

/** What a history came to. */
export interface Played {
  readonly violation: Violation | undefined
  /** SHA-256 of all that happened. */
  readonly digest: string
  readonly virtualMs: number
  readonly events: number
  readonly ledger: Ledger
  readonly log: readonly string[]
}

/** How a history is played. */
export interface PlayInit {
  readonly planted?: Planted
  readonly keepLog?: boolean
}

const QUIET_MS = 100_000 // beats to the dead are at most 64 s apart, and masters ask each other every 30 s
const SETTLE_MS = 400_000 // a comparison of lists, the repair of what it finds, the grace of orphans, and two comparisons more
const SETTLE_EACH = 4 // one history in so many outlasts the grace, which takes as long as all before
const LONGEST_MS = 3_600_000 // no work may hang longer: every protocol has its time limit

/** Play a plan; the first broken invariant ends it. */
export async function playPlan(plan: Plan, init: PlayInit = {}): Promise<Played> {
  return new Player(plan, init).play()
}

class Player {
  readonly #plan: Plan
  readonly #cluster: VirtualCluster
  readonly #ledger = new Ledger()
  readonly #random: SeededStream
  readonly #works = new Set<Promise<void>>()
  #violation: Violation | undefined

  constructor(plan: Plan, init: PlayInit) {
    this.#plan = plan
    this.#random = new SeededStream(`${plan.seed}/play`)
    const spec = { ...plan, crypto: 'twin', threshold: POLICY, master: MASTER } as const
    this.#cluster = new VirtualCluster(spec, { ...init, ...plan })
  }

  async play(): Promise<Played> {
    const cluster = this.#cluster
    try {
      await cluster.drive(this.#history())
    } catch (error) {
      this.#violation ??= { invariant: 'no surprise', message: String(error), atMs: cluster.world.loop.now }
    }
    const { loop, log } = cluster.world
    log.note(`end ${loop.now} ${JSON.stringify(this.#violation ?? null)}`)
    return {
      violation: this.#violation,
      digest: log.digest(),
      virtualMs: loop.now,
      events: loop.events,
      ledger: this.#ledger,
      log: log.lines
    }
  }

  async #history(): Promise<void> {
    await this.#cluster.begin()
    const beganMs = this.#cluster.world.loop.now
    for (const action of this.#plan.actions) {
      const waitMs = beganMs + action.atMs - this.#cluster.world.loop.now
      if (waitMs > 0) await sleep(this.#cluster.clock, waitMs)
      await this.#act(action)
      if (this.#violation !== undefined) return
    }
    await this.#calmDown()
    for (const when of ['moment', 'quiet', 'calm'] as const) await this.#check(when)
    if (this.#violation !== undefined || Number(this.#plan.seed) % SETTLE_EACH > 0) return
    await sleep(this.#cluster.clock, SETTLE_MS)
    for (const when of ['moment', 'quiet', 'settled'] as const) await this.#check(when)
  }

  async #act(action: Action): Promise<void> {
    const { world, peers } = this.#cluster
    world.log.note(`${world.loop.now} ${action.verb} ${action.peer ?? ''} ${action.value ?? ''}`)
    if (WORK_VERBS.some(verb => verb === action.verb)) return this.#work(action)
    const target = [...peers.values()][action.peer ?? 0]
    const fault = faultNamed(action.verb)
    await fault.apply({ cluster: this.#cluster, target, value: action.value ?? 0, random: this.#random })
    await this.#check('moment')
  }

  async #work({ verb, value = 0 }: Action): Promise<void> {
    if (verb === 'check') {
      await this.#check('moment')
      return this.#check('calm')
    }
    const work = this.#run(verb, value).finally(() => this.#works.delete(work))
    this.#works.add(work)
  }

  async #run(verb: string, value: number): Promise<void> {
    try {
      if (verb === 'store') await this.#store()
      else await this.#use(verb, value)
    } catch (error) {
      if (isNetError(error) && EXCUSES[verb]?.includes(error.code)) return
      this.#violation ??= { invariant: 'no surprise', message: String(error), atMs: this.#cluster.world.loop.now }
    }
  }

  async #store(): Promise<void> {
    const bytes = exampleImage(this.#random, 64)
    try {
      const { id: image, holders, total } = await this.#cluster.owner.store(bytes)
      const entry: LedgerEntry = { image, bytes, holders, total, deleted: 'no' }
      this.#ledger.entries.push(entry)
      this.#ledger.stores++
      await this.#check('stored', entry)
    } catch (error) {
      this.#ledger.refusedStores++
      throw error
    }
  }

  async #use(verb: string, value: number): Promise<void> {
    const kept = this.#ledger.kept()
    if (kept.length === 0) return
    const entry = kept[value % kept.length]
    const { user, owner } = this.#cluster
    if (verb === 'search') await user.search(entry.bytes, { k: 3 })
    else if (verb === 'delete') {
      entry.deleted = 'asked'
      await owner.delete(entry.image)
      entry.deleted = 'yes'
      this.#ledger.deletions++
    } else await this.#read(entry)
  }

  async #read(entry: LedgerEntry): Promise<void> {
    try {
      const got = await this.#cluster.user.fetch(entry.image)
      this.#ledger.reads++
      if (!equals(got, entry.bytes)) this.#break('readable', `image ${entry.image} reads as other bytes`)
    } catch (error) {
      this.#ledger.refusedReads++
      throw error
    }
  }

  /** End every fault that can end, and let things settle. */
  async #calmDown(): Promise<void> {
    const { peers, world } = this.#cluster
    world.internet.heal()
    world.internet.link = { ...world.internet.link, loss: 0, duplication: 0, reordering: 0 }
    for (const { peer, disk, life } of peers.values()) {
      disk.onSync = undefined
      disk.fill(false)
      world.internet.slow(peer, 1)
      world.internet.open(peer)
      if (life === undefined) continue
      life.thaw()
      life.network.tamper = undefined
    }
    for (const peer of peers.keys()) void this.#cluster.up(peer)
    const limit = sleep(this.#cluster.clock, LONGEST_MS).then(() => 'late')
    if ((await Promise.race([Promise.all(this.#works), limit])) === 'late') {
      this.#break('ends', 'a store, read or search has not ended within an hour')
    }
    await sleep(this.#cluster.clock, QUIET_MS)
  }

  async #check(when: Invariant['when'], stored?: LedgerEntry): Promise<void> {
    for (const [name, invariant] of INVARIANTS) {
      if (invariant.when !== when || this.#violation !== undefined) continue
      const message = await invariant.check({ cluster: this.#cluster, ledger: this.#ledger }, stored)
      if (message !== undefined) this.#break(name, message)
    }
  }

  #break(invariant: string, message: string): void {
    this.#violation ??= { invariant, message, atMs: this.#cluster.world.loop.now }
  }
}

/** Why work may end badly while things go wrong. Any other end is looked at. */
const AWAY: readonly ErrorCode[] = ['NO_MASTERS', 'PEER_UNREACHABLE', 'REQUEST_TIMEOUT']
const EXCUSES: Readonly<Record<string, readonly ErrorCode[]>> = Object.freeze({
  store: [...AWAY, 'NOT_ENOUGH_MASTERS', 'NOT_ENOUGH_SLAVES', 'STORE_FULL'],
  read: [...AWAY, 'NOT_ENOUGH_SHADOWS', 'IMAGE_NOT_FOUND'],
  search: AWAY,
  delete: [...AWAY, 'NOT_ENOUGH_MASTERS', 'IMAGE_NOT_FOUND']
})

/** Orphans go sooner than by default, so that a history outlasts their grace; a store gives up at half of it. */
const MASTER = Object.freeze({
  orphanGraceMs: 180_000,
  reconcileMs: 60_000,
  repair: Object.freeze({ afterMs: 20_000, scanMs: 2_000, takeOverMs: 60_000 }) // a rough minute sees losses and their repair
})

/** Every pair from (2, 3) up that five slaves allow: the run is to be rough, so the target is loose. */
const POLICY = Object.freeze({ maxSlaves: 5, minSlaves: 3, failureTarget: 0.2 })
