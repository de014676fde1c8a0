import { type AbortOptions, deadline } from '../../base/clock.ts'
import { asError, isNetError } from '../../base/errors.ts'
import type { FairBudget } from '../../base/fair-budget.ts'
import type { ImageId, PeerId, SharingId } from '../../base/ids.ts'
import type { Stored } from '../../indexing/image-record.ts'
import { readPlacement } from '../placement/read-placement.ts'
import { assessImage, type RepairNeed } from './assess-image.ts'
import { BytePace } from './byte-pace.ts'
import { repairOrder } from './repair-order.ts'
import type { RepairPolicy } from './repair-policy.ts'
import { RepairQueue, type WaitingImage } from './repair-queue.ts'
import { reshareImage, type ReshareImagePorts } from './reshare-image.ts'
import { SlaveLosses, type SlaveLossPorts } from './slave-losses.ts'

/** What repairing needs. */
export interface RepairerPorts extends Omit<ReshareImagePorts, 'seconds'>, SlaveLossPorts {
  /** Images in hand, in bytes. */
  readonly budget: FairBudget
  /** Requests of others that are in hand. */
  readonly load: () => number
  /** A repair that takes longer is given up, in ms. */
  readonly longestMs: number
}

/** How the repairs of a master stand. */
export interface RepairState {
  /** Images that wait to be shared anew. */
  readonly waiting: number
  /** How many shadows the one nearest to loss may still lose; undefined when none has lost any. */
  readonly nearest: number | undefined
  /** Those that wait because it failed. */
  readonly failing: number
  /** Images shared anew since this master began. */
  readonly repaired: number
  /** Whether there is nobody who could second a repair: the roster has no other master. */
  readonly alone: boolean
}

const PAGE = 1000
const RESCAN_MS = 60_000 // what is waiting is looked at again though nothing seems to have changed
const TRAFFIC = 4 // times its size: read, put and read again by the second master with s / r = 1.5

/**
 * Keeps images alive: looks for those that have lost shadows or lie on a slave that leaves, and shares those anew of which this
 * master is the owner among the masters that live; another's only when they are still needed after a long time.
 */
export class Repairer {
  readonly #ports: RepairerPorts
  readonly #policy: RepairPolicy
  readonly #lost: SlaveLosses
  readonly #queue = new RepairQueue()
  readonly #pace: BytePace
  readonly #inHand = new Map<ImageId, WaitingImage>()
  readonly #cancels = new Map<string, () => void>()
  #seen = ''
  #seenAt = Number.NEGATIVE_INFINITY
  #repaired = 0

  constructor(ports: RepairerPorts, policy: RepairPolicy) {
    this.#ports = ports
    this.#policy = policy
    this.#lost = new SlaveLosses(ports, policy)
    this.#pace = new BytePace(ports.clock, policy.bytesPerSecond, ports.load)
  }

  /** How it stands. */
  get state(): RepairState {
    const inHand = [...this.#inHand.values()].filter(({ why }) => why === 'repair').map(({ spare }) => spare)
    const nearest = Math.min(this.#queue.nearest ?? Number.POSITIVE_INFINITY, ...inHand)
    return {
      waiting: this.#queue.length + this.#inHand.size,
      nearest: Number.isFinite(nearest) ? nearest : undefined,
      failing: this.#queue.failing,
      repaired: this.#repaired,
      alone: this.#ports.replicator.others().length === 0
    }
  }

  /** Begin to watch every slave of the roster, and to repair. */
  start(): void {
    const { peers, roster } = this.#ports
    if (this.#policy.atOnce === 0) return
    for (const slave of roster.withRole('slave')) peers.watch(slave)
    this.#cancels.set(
      'back',
      peers.onBack(() => this.#queue.retry())
    )
    this.#later()
  }

  /** End; what is in hand is given up by the master's signal. */
  stop(): void {
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }

  #later(): void {
    if (this.#ports.stopping.aborted) return
    this.#cancels.set(
      'look',
      this.#ports.clock.setTimer(this.#policy.scanMs, () => void this.#look())
    )
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#ports
    const began = clock.monotonic()
    try {
      await this.#lost.refresh()
      if (this.#isNews(began)) await this.#scan()
      else await this.#review()
    } catch (error) {
      this.#seenAt = Number.NEGATIVE_INFINITY
      log('what is to be repaired was not found', { reason: asError(error).message })
    }
    while (this.#inHand.size < this.#policy.atOnce && this.#begin());
    this.#later()
  }

  #isNews(now: number): boolean {
    const { state, isNothing } = this.#lost
    if (isNothing && this.#queue.length === 0) {
      this.#seen = state
      return false
    }
    return state !== this.#seen || now - this.#seenAt >= RESCAN_MS
  }

  /** Look at every record, in pages. */
  async #scan(): Promise<void> {
    const { records, losses, clock, stopping } = this.#ports
    const state = this.#lost.state
    const found: { image: ImageId; need: RepairNeed }[] = []
    const named = new Set<SharingId>()
    for (let after: ImageId | undefined; !stopping.aborted; ) {
      const page = await records.list(after, PAGE)
      for (const { record } of page) {
        if (record.stored === undefined) continue
        const { holders, sharing } = record.stored.placement
        if (holders.some(({ slave }) => losses.has(slave, sharing))) named.add(sharing)
        const need = this.#assess(record.stored)
        if (need !== undefined && !this.#inHand.has(record.id)) found.push({ image: record.id, need })
      }
      if (page.length < PAGE) break
      after = page[page.length - 1].record.id
    }
    losses.prune(sharing => named.has(sharing))
    this.#queue.replace(found, clock.monotonic())
    this.#seen = state
    this.#seenAt = clock.monotonic()
  }

  /** Forget those of the first that wait which another master has shared anew, or whose owner deleted them. */
  async #review(): Promise<void> {
    const waiting = this.#queue.first(PAGE)
    if (waiting.length === 0) return
    const held = await this.#ports.records.getMany(waiting.map(({ image }) => image))
    const settled = waiting.filter((_, at) => {
      const stored = held[at]?.record.stored
      return stored === undefined || this.#assess(stored) === undefined
    })
    this.#queue.drop(new Set(settled.map(({ image }) => image)))
  }

  #assess(stored: Stored): RepairNeed | undefined {
    return assessImage(stored, {
      lost: this.#lost,
      policy: this.#policy,
      thresholdOf: of => {
        try {
          return readPlacement(of, this.#ports).threshold
        } catch (error) {
          if (isNetError(error, 'IMAGE_CORRUPT')) return undefined
          throw error
        }
      }
    })
  }

  /** Begin with the next image; false when there is none for this master now. */
  #begin(): boolean {
    const { clock, stopping } = this.#ports
    const now = clock.monotonic()
    if (stopping.aborted) return false
    const item = this.#queue.next(now, waiting => this.#isMine(waiting, now))
    if (item === undefined) return false
    this.#inHand.set(item.image, item)
    void this.#repair(item).finally(() => {
      this.#inHand.delete(item.image)
      if (this.#inHand.size < this.#policy.atOnce) this.#begin()
    })
    return true
  }

  /** Whether this master repairs it: as its owner, or as the next in order once the owner has had its time. */
  #isMine({ image, since }: WaitingImage, now: number): boolean {
    const { self } = this.#ports.network
    const others = this.#living()
    if (others.length === 0) return false // nobody would second it
    const rank = repairOrder(image, [self, ...others]).indexOf(self)
    return now - since >= rank * this.#policy.takeOverMs
  }

  #living(): PeerId[] {
    const { replicator, peers } = this.#ports
    return replicator.others().filter(peer => peers.standing(peer) === 'alive')
  }

  async #repair(item: WaitingImage): Promise<void> {
    const { log, clock, records } = this.#ports
    const { image, why, spare } = item
    try {
      const stored = (await records.get(image))?.record.stored
      if (stored !== undefined && this.#assess(stored) !== undefined) {
        await this.#reshare(stored)
        this.#repaired++
        log('image shared anew', { image, why, spare })
      }
      this.#queue.done(item)
    } catch (error) {
      if (this.#ports.stopping.aborted) return
      this.#queue.failed(item, clock.monotonic())
      const reason = isNetError(error) ? error.code : `${asError(error).name} ${asError(error).message}`
      log('image not shared anew', { image, why, spare, reason })
    }
  }

  async #reshare(stored: Stored): Promise<void> {
    const { budget, clock, stopping, network, longestMs } = this.#ports
    const { id, size } = stored.claim
    const limit = deadline(clock, longestMs, { signal: stopping })
    const options: Required<AbortOptions> = { signal: limit.signal }
    try {
      await this.#pace.take(TRAFFIC * size, options)
      const seconds = repairOrder(id, this.#living())
      await budget.spend(network.self, size, () => reshareImage(stored, { ...this.#ports, ...options, seconds }))
    } finally {
      limit.clear()
    }
  }
}
