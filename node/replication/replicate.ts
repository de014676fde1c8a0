import { type AbortOptions, abortReason, type Clock, deadline } from '../../base/clock.ts'
import { asError, type ErrorCode, isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import { sha256Hex } from '../../base/bytes.ts'
import { decodedRecord, type EncodedRecord } from '../../indexing/encoded-record.ts'
import { type SyncRecordsAnswer, type SyncRecordsRequest, syncRecords } from '../../protocols/sync-records.ts'
import { type Log, silent } from '../../base/log.ts'
import type { Network } from '../../protocols/network.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { KeptBy } from '../proofs/count-kept.ts'
import { signKept } from '../proofs/sign-proof.ts'
import { isKept } from '../proofs/verify-proof.ts'
import { CatchUp } from './catch-up.ts'
import { giveChanges, keptOf, type TakePorts, takeRecords } from './take-records.ts'

/** What a {@link Replicator} works with. */
export interface ReplicatorPorts extends TakePorts {
  readonly network: Network
  readonly clock: Clock
  readonly log?: Log
}

/** How a {@link Replicator} works. */
export interface ReplicatorInit {
  /** So many masters hold a record before it counts as kept; all of them when there are fewer. */
  copies?: number
  /** The other masters are asked for news this often, in ms. */
  pullMs?: number
  /** How long another master may take to keep a record, in ms. */
  patienceMs?: number
}

/** Defaults of {@link ReplicatorInit}. */
const REPLICATOR_DEFAULTS: Required<ReplicatorInit> = Object.freeze({
  copies: 2, // one disk may die between the answer and the next catch-up
  pullMs: 30_000, // only what no push brought: pushes go out at once
  patienceMs: 10_000
})

// After one of these nobody knows whether the other master kept the record.
const UNSURE: readonly ErrorCode[] = ['PEER_UNREACHABLE', 'REQUEST_TIMEOUT', 'REQUEST_ABORTED']

/**
 * Keeps the masters' indexes alike: each record is pushed to the other masters at once, and what was missed is caught up
 * from their changes. A record counts as kept when `copies` masters have it on stable storage, this one included. Masters
 * count as existing once the roster, the directory or a connection has named them; while one exists but none
 * answers, nothing new is kept: `NOT_ENOUGH_MASTERS`.
 */
export class Replicator {
  readonly #ports: ReplicatorPorts
  readonly #peers: PeerTable
  readonly #init: Required<ReplicatorInit>
  readonly #log: Log
  readonly #catchUp: CatchUp
  #running: AbortController | undefined
  #cancels: (() => void)[] = []

  constructor(ports: ReplicatorPorts, peers: PeerTable, init: ReplicatorInit = {}) {
    this.#ports = ports
    this.#peers = peers
    this.#init = withDefaults(REPLICATOR_DEFAULTS, init)
    this.#log = ports.log ?? silent
    this.#catchUp = new CatchUp(ports)
  }

  /** Begin to catch up: with each master as it is met, and from time to time. */
  start(): void {
    if (this.#running !== undefined) return
    this.#running = new AbortController()
    this.#catchUp.start(this.#running.signal)
    for (const peer of this.others()) this.#peers.watch(peer)
    this.#cancels.push(this.#peers.onBack(peer => this.#isOther(peer) && void this.catchUp(peer)))
    this.#cancels.push(this.#peers.onBeat((peer, { index }) => index !== undefined && this.#heard(peer, index)))
    this.#pullLater()
  }

  /** End catching up. */
  stop(): void {
    this.#running?.abort()
    this.#running = undefined
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  /** The other masters that exist. */
  others(): PeerId[] {
    const met = this.#peers.known('master').map(({ member }) => member.peer)
    return [...new Set([...this.#ports.roster.withRole('master'), ...met])]
      .filter(peer => peer !== this.#ports.network.self)
      .sort()
  }

  /** Make sure, before any work, that enough other masters answer. @throws NetError `NOT_ENOUGH_MASTERS` */
  async checkReach(): Promise<void> {
    if (await this.reachesEnough()) return
    const others = this.others()
    const have = others.filter(peer => this.#peers.standing(peer) === 'alive').length + 1
    throw tooFewMasters(have, this.#needed(others) + 1, 0)
  }

  /** Whether enough other masters answer; those that are not known to be dead are asked once more. */
  async reachesEnough(): Promise<boolean> {
    const others = this.others()
    const need = this.#needed(others)
    const answers = (): number => others.filter(peer => this.#peers.standing(peer) === 'alive').length
    if (answers() >= need) return true
    await Promise.all(others.filter(peer => this.#peers.standing(peer) !== 'dead').map(peer => this.#peers.beat(peer)))
    return answers() >= need
  }

  /** This master's signed word that it keeps a record, which must be on its stable storage. */
  ownWord({ encoded }: EncodedRecord): KeptBy {
    const { signer } = this.#ports
    return { master: signer.self, signature: signKept(sha256Hex(encoded), signer) }
  }

  /**
   * Keep a record of this master here and at enough others; resolves to the signed words of the masters that have it by
   * then, this one's first. The others come first, so that a failure leaves nothing here.
   * @throws NetError `NOT_ENOUGH_MASTERS`; its detail `unsure` counts masters that may have kept it all the same
   */
  async commit(record: EncodedRecord, { signal }: AbortOptions = {}): Promise<KeptBy[]> {
    if (signal?.aborted) throw abortReason(signal)
    const others = this.others()
    const need = this.#needed(others)
    const digest = sha256Hex(record.encoded)
    const kept: KeptBy[] = []
    let unsure = 0
    if (others.length > 0) {
      await new Promise<void>((resolve, reject) => {
        let open = others.length
        const settle = (): void => {
          if (kept.length >= need) resolve()
          else if (open === 0) reject(tooFewMasters(kept.length + 1, need + 1, unsure + kept.length))
        }
        for (const peer of others) {
          this.#push(peer, record, { signal })
            .then(signature => kept.push(this.#checkKept({ digest, master: peer, signature })))
            .catch(error => {
              if (!isNetError(error) || UNSURE.includes(error.code)) unsure++
              this.#log('push failed', { peer, reason: isNetError(error) ? error.code : asError(error).name })
            })
            .finally(() => {
              open--
              settle()
            })
        }
      })
    }
    await this.#ports.records.put(record)
    return [this.ownWord(record), ...kept]
  }

  /** Answer `sync-records`: take what another master pushes, or give it this master's changes. */
  async answer(request: SyncRecordsRequest): Promise<SyncRecordsAnswer> {
    if (!('push' in request)) return giveChanges(request, this.#ports.records)
    const pushed = request.push.map(decodedRecord)
    return { taken: await takeRecords(pushed, this.#ports), kept: keptOf(pushed, this.#ports) }
  }

  /** Take over what another master has and this one has not; joins a catch-up that is under way. Failures end it quietly. */
  catchUp(master: PeerId): Promise<void> {
    return this.#catchUp.from(master)
  }

  /** Whether a catch-up with this master has come to its end since this one started. */
  hasCaughtUpWith(master: PeerId): boolean {
    return this.#catchUp.doneAt(master) > Number.NEGATIVE_INFINITY
  }

  /** Whether everything that every other existing master had at `time` is known here. */
  isCaughtUpSince(time: number): boolean {
    return this.others().every(peer => this.#catchUp.doneAt(peer) >= time)
  }

  #needed(others: readonly PeerId[]): number {
    return Math.min(this.#init.copies - 1, others.length)
  }

  #isOther(peer: PeerId): boolean {
    return peer !== this.#ports.network.self && this.#ports.roster.member(peer)?.roles.includes('master') === true
  }

  /** A master that took a record and does not sign for it has not kept it. */
  #checkKept(kept: KeptBy & { readonly digest: string }): KeptBy {
    if (isKept(kept, this.#ports.signer)) return { master: kept.master, signature: kept.signature }
    throw new NetError('PROOF_INVALID', 'a master did not sign for a record', { detail: { master: kept.master } })
  }

  async #push(peer: PeerId, { encoded }: EncodedRecord, options: AbortOptions): Promise<Uint8Array> {
    const limit = deadline(this.#ports.clock, this.#init.patienceMs, options)
    try {
      const answer = await this.#peers.noted(peer, { kind: 'writes' }, () =>
        this.#ports.network.request(peer, syncRecords, { push: [encoded] }, { signal: limit.signal })
      )
      if (!('taken' in answer) || answer.kept.length !== 1) throw new NetError('MESSAGE_INVALID', 'no answer to a push')
      // Not taken: it is there already, or something newer is, which this master does not know yet.
      if (answer.taken === 0) void this.catchUp(peer)
      return answer.kept[0]
    } finally {
      limit.clear()
    }
  }

  #heard(peer: PeerId, index: string): void {
    if (this.#isOther(peer)) this.#catchUp.heard(peer, index)
  }

  #pullLater(): void {
    const cancel = this.#ports.clock.setTimer(this.#init.pullMs, () => {
      this.#cancels = this.#cancels.filter(other => other !== cancel)
      for (const { member } of this.#peers.alive('master'))
        if (this.#isOther(member.peer)) void this.catchUp(member.peer)
      if (this.#running !== undefined) this.#pullLater()
    })
    this.#cancels.push(cancel)
  }
}

function tooFewMasters(have: number, need: number, unsure: number): NetError {
  return new NetError('NOT_ENOUGH_MASTERS', `${have} masters can keep the record, ${need} are needed`, {
    detail: { have, need, unsure }
  })
}
