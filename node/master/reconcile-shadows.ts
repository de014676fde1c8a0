import { asError } from '../../base/errors.ts'
import type { PeerId, SharingId } from '../../base/ids.ts'
import type { ListedShadow } from '../../protocols/list-shadows.ts'
import type { Signer } from '../../crypto/signer.ts'
import { encodeDeletion } from '../../indexing/encode-proof.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { abortProof, FIRST_COUNTER } from '../placement/place-image.ts'
import type { LossLedger } from '../placement/loss-ledger.ts'
import { type DropPorts, dropShadowAt } from '../placement/slave-calls.ts'
import type { Replicator } from '../replication/replicate.ts'
import { listSlave } from './list-slave.ts'
import type { MasterPolicy } from './master-ports.ts'
import { allRecords } from './report-health.ts'

/** What comparing shadows with the index needs. */
export interface ReconcilePorts extends DropPorts {
  readonly records: RecordStore
  readonly peers: PeerTable
  readonly losses: LossLedger
  readonly replicator: Replicator
  readonly signer: Signer
  readonly policy: Pick<MasterPolicy, 'orphanGraceMs' | 'reconcileMs'>
}

const AT_ONCE = 4 // slaves whose lists are read at the same time

/**
 * Compares what slaves hold with the index, when a slave comes back and from time to time: shadows of deleted images are
 * dropped at once; shadows that no record names (of a store that failed half-way, of a placement that was replaced) after
 * a grace period in which every other master was caught up with; shadows that are missing are noted as lost.
 */
export class ShadowReconciler {
  readonly #ports: ReconcilePorts
  readonly #waiting = new Set<PeerId>()
  /** Per slave, when each of its shadows that no record names was first seen. */
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
  }

  /** Compare a slave's list with the index soon. */
  queue(slave: PeerId): void {
    this.#waiting.add(slave)
    if (this.#working < AT_ONCE) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working++
    for (const slave of this.#waiting) {
      this.#waiting.delete(slave)
      if (this.#ports.stopping.aborted) break
      try {
        await this.reconcile(slave)
      } catch (error) {
        this.#ports.log('shadows not reconciled', { slave, reason: asError(error).message })
      }
    }
    this.#working--
  }

  /** Compare one slave's list with the index now. @throws NetError when the slave does not answer */
  async reconcile(slave: PeerId): Promise<void> {
    const { records, clock, losses, log } = this.#ports
    const upTo = records.lastSequence // what comes later may name shadows that are not in the list yet
    const whole = new Set<SharingId>()
    const orphans = new Map<string, number>()
    for await (const entry of this.#list(slave)) {
      const held = await records.get(entry.image)
      const placement = held?.record.stored?.placement
      const holder = placement?.holders.find(each => each.slave === slave && each.number === entry.number)
      if (placement?.sharing === entry.sharing && holder !== undefined) {
        if (holder.digest === entry.digest) whole.add(entry.sharing)
        continue
      }
      const key = `${entry.image}/${entry.sharing}/${entry.number}`
      const since = this.#orphans.get(slave)?.get(key) ?? clock.monotonic()
      const isDeleted = held !== undefined && held.record.stored === undefined
      const gone =
        (isDeleted || this.#isRipe(since)) &&
        (await dropShadowAt(slave, { ...entry, proof: this.#proof(entry, held) }, this.#ports))
      if (gone) log('orphan dropped', { slave, image: entry.image })
      else orphans.set(key, since)
    }
    this.#orphans.set(slave, orphans)
    for await (const { stored } of allRecords(records, upTo)) {
      const placement = stored?.placement
      if (!placement?.holders.some(holder => holder.slave === slave)) continue
      if (whole.has(placement.sharing)) losses.clear(slave, placement.sharing)
      else losses.note(slave, placement.sharing)
    }
  }

  /** Why a shadow that no record names may go: what the index has of its image, or that this master gives it up. */
  #proof({ image, sharing }: ListedShadow, held: EncodedRecord | undefined): Uint8Array[] {
    const deletion = held?.record.deletion
    if (deletion !== undefined) return [encodeDeletion(deletion)]
    if (held !== undefined) return [held.encoded]
    const origin = { asked: 0, counter: FIRST_COUNTER, master: this.#ports.signer.self }
    return abortProof({ image, sharing, origin }, this.#ports)
  }

  /** Whether a shadow seen since then has waited out its grace, and no other master can know more of it. */
  #isRipe(since: number): boolean {
    const { clock, policy, replicator } = this.#ports
    return clock.monotonic() - since >= policy.orphanGraceMs && replicator.isCaughtUpSince(since)
  }

  async *#list(slave: PeerId): AsyncGenerator<ListedShadow> {
    const { stopping: signal, ...ports } = this.#ports
    for await (const page of listSlave(slave, { ...ports, signal })) yield* page
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
