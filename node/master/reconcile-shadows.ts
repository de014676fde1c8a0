import { asError } from '../../base/errors.ts'
import type { PeerId, SharingId } from '../../base/ids.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { ListedShadow } from '../../protocols/list-shadows.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { LossLedger } from '../placement/loss-ledger.ts'
import { type DropPorts, dropShadowAt } from '../placement/slave-calls.ts'
import { type JudgePorts, judgeShadow, type Verdict } from './judge-shadow.ts'
import { isNews, type LearnPorts, learnRecords } from './learn-records.ts'
import { listSlave } from './list-slave.ts'
import type { MasterPolicy } from './master-ports.ts'
import type { RecordsBeside } from './records-beside.ts'
import { allRecords } from './report-health.ts'
import type { ShadowCensus } from './shadow-census.ts'

/** What comparing shadows with the index needs. */
export interface ReconcilePorts extends DropPorts, JudgePorts, LearnPorts {
  readonly records: RecordStore
  readonly peers: PeerTable
  readonly losses: LossLedger
  readonly census: ShadowCensus
  readonly beside: RecordsBeside
  readonly policy: Pick<MasterPolicy, 'orphanGraceMs' | 'reconcileMs'>
}

const AT_ONCE = 4 // slaves whose lists are read at the same time
const SLICE_MS = 5_000 // then the next slave has its turn: a slave decides how long its list is and how fast it answers
const MOST_REFUSED = 100 // records of one slave that are no good; no more are asked for in this comparison
const MOST_ORPHANS = 10_000 // of one slave are waited for at a time; what comes behind them waits longer

/** What one comparison has come to so far. */
interface Comparison {
  readonly slave: PeerId
  readonly whole: Set<SharingId>
  /** When each shadow that may have to go was first seen, by its key. */
  readonly orphans: Map<string, number>
  listed: number
  unknown: number
  /** Until the slave refuses a drop or does not answer: the next comparison goes on. */
  drops: boolean
  /** Until the slave refuses a record or does not answer. */
  puts: boolean
  /** Records of this slave that were no good. */
  refused: number
}

/** A listed shadow, what the index has of its image, and what is to be done with it. */
interface Judged {
  readonly entry: ListedShadow
  readonly held: EncodedRecord | undefined
  readonly verdict: Verdict
  readonly since: number
}

/**
 * Compares what slaves hold with the index, when a slave comes back and from time to time. Shadows of deleted images are
 * dropped at once; of a placement that was replaced after a grace period in which every other master was caught up with; of
 * a store that this master gave up once no other master can name them. Every drop carries its proof. All else is left: what
 * the index does not know is counted. Shadows that are missing are noted as lost.
 */
export class ShadowReconciler {
  readonly #ports: ReconcilePorts
  readonly #waiting = new Set<PeerId>()
  /** Comparisons that had their slice and wait for the next. */
  readonly #jobs = new Map<PeerId, AsyncGenerator<void>>()
  readonly #orphans = new Map<PeerId, ReadonlyMap<string, number>>()
  #working = 0
  #cancels: (() => void)[] = []

  constructor(ports: ReconcilePorts) {
    this.#ports = ports
  }

  /** Begin. */
  start(): void {
    const { peers } = this.#ports
    this.#cancels.push(peers.onBack(peer => peers.get(peer)?.member.roles.includes('slave') && this.queue(peer)))
    this.#later()
  }

  /** End. */
  stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.#waiting.clear()
    this.#jobs.clear()
  }

  /** Compare a slave's list with the index soon. */
  queue(slave: PeerId): void {
    this.#waiting.add(slave)
    if (this.#working < AT_ONCE) void this.#work()
  }

  /** Compare one slave's list with the index now. @throws NetError when the slave does not answer, or lists falsely */
  async reconcile(slave: PeerId): Promise<void> {
    for await (const _ of this.#compare(slave));
  }

  async #work(): Promise<void> {
    this.#working++
    for (const slave of this.#waiting) {
      this.#waiting.delete(slave)
      if (this.#ports.stopping.aborted) break
      const job = this.#jobs.get(slave) ?? this.#compare(slave)
      this.#jobs.delete(slave)
      try {
        if (await this.#slice(job)) continue
        this.#jobs.set(slave, job)
        this.#waiting.add(slave) // behind all who wait
      } catch (error) {
        this.#ports.log('shadows not reconciled', { slave, reason: asError(error).message })
      }
    }
    this.#working--
  }

  /** Go on with a comparison for a while; true when it has come to its end. */
  async #slice(job: AsyncGenerator<void>): Promise<boolean> {
    const { clock } = this.#ports
    const endsAt = clock.monotonic() + SLICE_MS
    while (clock.monotonic() < endsAt) if ((await job.next()).done) return true
    return false
  }

  /** Stops after every page and every drop, so that no slave decides for how long it goes on at one time. */
  async *#compare(slave: PeerId): AsyncGenerator<void> {
    const { records, peers, network, losses, census, stopping: signal } = this.#ports
    const upTo = records.lastSequence // what comes later may name shadows that are not in the list yet
    const job: Comparison = {
      slave,
      whole: new Set(),
      orphans: new Map(),
      listed: 0,
      unknown: 0,
      drops: true,
      puts: true,
      refused: 0
    }
    for await (const page of listSlave(slave, { network, peers, signal })) {
      const held = await this.#known(job, page)
      for (const [at, entry] of page.entries()) {
        const since = this.#since(job, entry)
        const verdict = judgeShadow(slave, { entry, held: held[at], since }, this.#ports)
        if (await this.#act(job, { entry, held: held[at], verdict, since })) yield
      }
      job.listed += page.length
      yield
    }
    this.#orphans.set(slave, job.orphans)
    census.note(slave, job)
    for await (const { stored } of allRecords(records, upTo)) {
      const placement = stored?.placement
      if (!placement?.holders.some(holder => holder.slave === slave)) continue
      losses.noteListed(slave, placement.sharing, job.whole.has(placement.sharing))
    }
  }

  /** Do what a verdict says; resolves to whether the slave was asked. */
  async #act(job: Comparison, { entry, held, verdict, since }: Judged): Promise<boolean> {
    const { census, log } = this.#ports
    const { slave } = job
    if (verdict.is === 'whole') {
      job.whole.add(entry.sharing)
      return await this.#putRecord(job, entry, held)
    }
    if (verdict.is === 'unknown') job.unknown++
    if (verdict.is === 'left' && job.orphans.size < MOST_ORPHANS) job.orphans.set(keyOf(entry), since)
    if (!('proof' in verdict) || !job.drops) return false
    // An index that is behind is not to be trusted; an owner's deletion is, whoever keeps it.
    if (verdict.is !== 'deleted' && census.isBehind) return false
    job.drops = await dropShadowAt(slave, { ...entry, proof: verdict.proof }, this.#ports)
    if (job.drops) log('shadow dropped', { slave, image: entry.image, why: verdict.is })
    return true
  }

  /** What the index has of the images of a page, once it has learnt what the slave knows more of them. */
  async #known(job: Comparison, page: readonly ListedShadow[]): Promise<(EncodedRecord | undefined)[]> {
    const { records, log, stopping: signal } = this.#ports
    const images = page.map(({ image }) => image)
    const held = await records.getMany(images)
    const news = job.refused > MOST_REFUSED ? [] : page.filter((entry, at) => isNews(entry, held[at]))
    if (news.length === 0) return held
    const refused = await learnRecords(job.slave, news, { ...this.#ports, signal })
    job.refused += refused.size
    log('records learnt from a slave', { slave: job.slave, learnt: news.length - refused.size, refused: refused.size })
    return await records.getMany(images)
  }

  /** Have the record kept where a slave has none: its store was killed, or the slave's metadata was lost. */
  async #putRecord(job: Comparison, entry: ListedShadow, held: EncodedRecord | undefined): Promise<boolean> {
    const { peers, signer, beside, stopping: signal } = this.#ports
    const stored = held?.record.stored
    if (!job.puts || stored === undefined || held?.record.format !== 2 || entry.record !== undefined) return false
    const { master } = stored.version
    if (master !== signer.self && peers.standing(master) === 'alive') return false // it does so itself
    job.puts = await beside.putOne(job.slave, held, { signal })
    return true
  }

  #since({ slave }: Comparison, entry: ListedShadow): number {
    return this.#orphans.get(slave)?.get(keyOf(entry)) ?? this.#ports.clock.monotonic()
  }

  #later(): void {
    const { clock, policy, peers, stopping } = this.#ports
    const cancel = clock.setTimer(policy.reconcileMs, () => {
      this.#cancels = this.#cancels.filter(other => other !== cancel)
      for (const { member } of peers.alive('slave')) this.queue(member.peer)
      if (!stopping.aborted) this.#later()
    })
    this.#cancels.push(cancel)
  }
}

function keyOf({ image, sharing, number }: ListedShadow): string {
  return `${image}/${sharing}/${number}`
}
