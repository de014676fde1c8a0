import { asError } from '../../base/errors.ts'
import type { PeerId, ShadowKey, SharingId } from '../../base/ids.ts'
import { MAX_ITEMS } from '../../protocols/limits.ts'
import { type ListedShadow, listShadows } from '../../protocols/list-shadows.ts'
import type { MasterContext } from './master-ports.ts'
import { allRecords } from './report-health.ts'
import { dropShadowAt } from '../placement/slave-calls.ts'

const AT_ONCE = 4 // slaves whose lists are read at the same time

/**
 * Compares what slaves hold with the index, when a slave comes back and from time to time: shadows of deleted images are
 * dropped at once; shadows that no record names (of a store that failed half-way, of a placement that was replaced) after
 * a grace period in which every other master was caught up with; shadows that are missing are noted as lost.
 */
export class ShadowReconciler {
  readonly #context: MasterContext
  readonly #waiting = new Set<PeerId>()
  /** Per slave, when each of its shadows that no record names was first seen. */
  readonly #orphans = new Map<PeerId, ReadonlyMap<string, number>>()
  #working = 0
  #cancels: (() => void)[] = []

  constructor(context: MasterContext) {
    this.#context = context
  }

  /** Begin. */
  start(): void {
    const { peers } = this.#context
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
      if (this.#context.stopping.aborted) break
      try {
        await this.reconcile(slave)
      } catch (error) {
        this.#context.log('shadows not reconciled', { slave, reason: asError(error).message })
      }
    }
    this.#working--
  }

  /** Compare one slave's list with the index now. @throws NetError when the slave does not answer */
  async reconcile(slave: PeerId): Promise<void> {
    const { ports, losses } = this.#context
    const upTo = ports.records.lastSequence // what comes later may name shadows that are not in the list yet
    const held = new Set<SharingId>()
    const orphans = new Map<string, number>()
    for await (const entry of this.#list(slave)) {
      const record = await ports.records.get(entry.image)
      const placement = record?.stored?.placement
      const holder = placement?.holders.find(each => each.slave === slave && each.number === entry.number)
      if (placement?.sharing === entry.sharing && holder !== undefined) {
        if (holder.digest === entry.digest) held.add(entry.sharing)
        continue
      }
      const key = `${entry.image}/${entry.sharing}/${entry.number}`
      const since = this.#orphans.get(slave)?.get(key) ?? ports.clock.now()
      const isDeleted = record !== undefined && record.stored === undefined
      const gone = (isDeleted || this.#isRipe(since)) && (await dropShadowAt(slave, entry, this.#context))
      if (gone) this.#context.log('orphan dropped', { slave, image: entry.image })
      else orphans.set(key, since)
    }
    this.#orphans.set(slave, orphans)
    for await (const { stored } of allRecords(this.#context, upTo)) {
      const placement = stored?.placement
      if (!placement?.holders.some(holder => holder.slave === slave)) continue
      if (held.has(placement.sharing)) losses.clear(slave, placement.sharing)
      else losses.note(slave, placement.sharing)
    }
  }

  /** Whether a shadow seen since then has waited out its grace, and no other master can know more of it. */
  #isRipe(since: number): boolean {
    const { ports, policy, replicator } = this.#context
    return ports.clock.now() - since >= policy.orphanGraceMs && replicator.isCaughtUpSince(since)
  }

  async *#list(slave: PeerId): AsyncGenerator<ListedShadow> {
    const { network } = this.#context.ports
    const options = { signal: this.#context.stopping }
    for (let after: ShadowKey | undefined; ; ) {
      const { entries } = await network.request(slave, listShadows, { after, limit: MAX_ITEMS }, options)
      yield* entries
      if (entries.length < MAX_ITEMS) return
      const { image, sharing, number } = entries[entries.length - 1]
      after = { image, sharing, number }
    }
  }

  #later(): void {
    const { ports, policy, peers } = this.#context
    const cancel = ports.clock.setTimer(policy.reconcileMs, () => {
      this.#cancels = this.#cancels.filter(other => other !== cancel)
      for (const { member } of peers.alive('slave')) this.queue(member.peer)
      if (!this.#context.stopping.aborted) this.#later()
    })
    this.#cancels.push(cancel)
  }
}
