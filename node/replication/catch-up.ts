import type { Clock } from '../../base/clock.ts'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { type Log, silent } from '../../base/log.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import type { Cursor } from '../../indexing/record-store.ts'
import { type CompareNodes, type ComparedRange, compareIndex, type NodesAnswer } from '../../protocols/compare-index.ts'
import type { Network } from '../../protocols/network.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import { compareIndexes, type Taken } from './compare-indexes.ts'
import { pullChanges } from './pull-changes.ts'
import { takeGood, type TakePorts } from './take-records.ts'

/** What catching up works with. */
export interface CatchUpPorts extends TakePorts {
  readonly network: Network
  readonly clock: Clock
  readonly log?: Log
}

const ROOT = 0
const FIRST_PAUSE_MS = 30_000
const MOST_PAUSE_MS = 3_600_000

/**
 * Takes over what other masters have and this one has not: by their changes since it last asked, which it remembers over a
 * restart, and, where the digests of the indexes differ all the same, by comparing them bucket by bucket. Whatever is
 * missing here comes so, for whatever reason it is: a push that was missed, bit rot, a backup that was restored, a disk that was
 * lost, here or there.
 */
export class CatchUp {
  readonly #ports: CatchUpPorts
  readonly #log: Log
  /** Since when all that a master had is known here. */
  readonly #doneAt = new Map<PeerId, number>()
  readonly #working = new Map<PeerId, Promise<void>>()
  /** After a comparison that brought nothing: when the next may be, and how long the pause was. */
  readonly #pauses = new Map<PeerId, { readonly until: number; readonly ms: number }>()
  /** Own and other root of the last beat that showed two of them. */
  readonly #apart = new Map<PeerId, string>()
  #signal: AbortSignal | undefined

  constructor(ports: CatchUpPorts) {
    this.#ports = ports
    this.#log = ports.log ?? silent
  }

  /** Requests from now on end with this signal. */
  start(signal: AbortSignal): void {
    this.#signal = signal
  }

  /** Take over what a master has; joins one that is under way. Failures end it quietly. */
  from(master: PeerId): Promise<void> {
    const under = this.#working.get(master)
    if (under !== undefined) return under
    const work = this.#catchUp(master)
      .catch(error => this.#log('catch-up failed', { master, reason: asError(error).message }))
      .finally(() => this.#working.delete(master))
    this.#working.set(master, work)
    return work
  }

  /** When the last catch-up with a master that came to its end had begun, on the monotonic clock. */
  doneAt(master: PeerId): number {
    return this.#doneAt.get(master) ?? Number.NEGATIVE_INFINITY
  }

  /** A master's beat told its root. One that stays another while nothing changes is looked into. */
  heard(master: PeerId, root: string): void {
    const mine = this.#ports.records.digests.root
    const pair = `${mine} ${root}`
    const before = this.#apart.get(master)
    this.#apart.set(master, pair)
    if (mine !== root && before === pair && !this.#isPaused(master)) void this.from(master)
  }

  async #catchUp(master: PeerId): Promise<void> {
    const { records, clock } = this.#ports
    const began = clock.monotonic()
    const top = await this.#top(master)
    if (top === undefined) return this.#pull(master, { incarnation: '', began })
    const { last, children } = top
    const incarnation = Buffer.from(top.incarnation).toString('hex')
    const cursor = this.#cursor(master, incarnation)
    const isKnown = cursor !== undefined && cursor.sequence <= last
    if (!this.#isAlike(children[0])) {
      // Page by page where a cursor tells where to begin, or all is missing; else what differs costs less.
      if (isKnown || records.lastSequence === 0) await this.#pull(master, { incarnation, began })
      if (!isKnown || !this.#isPaused(master)) await this.#compare(master)
    }
    this.#doneAt.set(master, began)
    if (isKnown && cursor.sequence >= last) return
    const reached = isKnown ? (this.#cursor(master, incarnation)?.sequence ?? 0) : 0
    await records.moveCursor(master, { incarnation, sequence: Math.max(last, reached) })
  }

  /** A cursor into this sequence of a master's; one into another, of a disk that was lost, is worth nothing. */
  #cursor(master: PeerId, incarnation: string): Cursor | undefined {
    const cursor = this.#ports.records.cursor(master)
    return cursor?.incarnation === incarnation ? cursor : undefined
  }

  /** The top of a master's tree; undefined when it has none to tell. */
  async #top(master: PeerId): Promise<NodesAnswer | undefined> {
    try {
      return await this.#askNodes(master, { nodes: [ROOT] })
    } catch (error) {
      if (isNetError(error, 'PROTOCOL_UNSUPPORTED')) return undefined
      throw error
    }
  }

  async #pull(master: PeerId, { incarnation, began }: { incarnation: string; began: number }): Promise<void> {
    const { network, records } = this.#ports
    await pullChanges({
      after: this.#cursor(master, incarnation)?.sequence ?? 0,
      ask: async request => {
        const answer = await network.request(master, syncRecords, request, { signal: this.#signal })
        if ('records' in answer) return answer
        throw new NetError('MESSAGE_INVALID', 'an answer to a push instead of changes')
      },
      take: async page => (await this.#take(master, page)).refused,
      reached: sequence => records.moveCursor(master, { incarnation, sequence })
    })
    this.#doneAt.set(master, began)
  }

  /** Compare, unless a moment's difference has gone; the next time later when it brings nothing. */
  async #compare(master: PeerId): Promise<void> {
    const { network, records, clock } = this.#ports
    const top = await this.#askNodes(master, { nodes: [ROOT] })
    if (this.#isAlike(top.children[0])) return
    const { taken, refused } = await compareIndexes(top.children[0], {
      records,
      askNodes: request => this.#askNodes(master, request),
      askRanges: async request => {
        const answer = await network.request(master, compareIndex, request, { signal: this.#signal })
        if ('records' in answer) return answer
        throw new NetError('MESSAGE_INVALID', 'an answer to nodes instead of records')
      },
      take: (given, ranges) => this.#take(master, given, ranges)
    })
    const ms = Math.min(MOST_PAUSE_MS, 2 * (this.#pauses.get(master)?.ms ?? FIRST_PAUSE_MS / 2))
    if (taken > 0) this.#pauses.delete(master)
    else this.#pauses.set(master, { until: clock.monotonic() + ms, ms })
    this.#log('index compared', { master, taken, refused })
  }

  async #askNodes(master: PeerId, request: CompareNodes): Promise<NodesAnswer> {
    const answer = await this.#ports.network.request(master, compareIndex, request, { signal: this.#signal })
    if ('children' in answer && answer.children.length === request.nodes.length) return answer
    throw new NetError('MESSAGE_INVALID', 'an answer to other nodes')
  }

  #isAlike(children: Uint8Array): boolean {
    return this.#ports.records.digests.children(ROOT).equals(children)
  }

  #isPaused(master: PeerId): boolean {
    return this.#ports.clock.monotonic() < (this.#pauses.get(master)?.until ?? 0)
  }

  /** Take what verifies, and lies in these ranges; one bad record does not keep the others out. */
  async #take(master: PeerId, encoded: readonly Uint8Array[], ranges?: readonly ComparedRange[]): Promise<Taken> {
    const isAsked = ({ record }: EncodedRecord): boolean => ranges === undefined || isWithin(record.id, ranges)
    const { taken, refused } = await takeGood(encoded, isAsked, this.#ports)
    for (const [reason, records] of refused) this.#log('records refused', { master, reason, records })
    return { taken, refused: [...refused.values()].reduce((sum, records) => sum + records, 0) }
  }
}

function isWithin(id: ImageId, ranges: readonly ComparedRange[]): boolean {
  const range = ranges.find(({ upTo }) => id <= upTo)
  return range !== undefined && (range.after === undefined || id > range.after)
}
