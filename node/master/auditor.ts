import { asError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Stored } from '../../indexing/image-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { drawOrder } from '../peers/draw-order.ts'
import { auditHolder, type AuditHolderPorts, noteFinding } from '../placement/audit-holder.ts'
import type { MasterPolicy } from './master-ports.ts'

/** What a master's audits need. */
export interface AuditorPorts extends AuditHolderPorts {
  readonly records: RecordStore
  readonly policy: Pick<MasterPolicy, 'auditPeriodMs'>
  readonly stopping: AbortSignal
}

const TURNS = 4 // of a period: in each of them a slave that failed lately is asked for every shadow
const LATELY = 0.05 // of a strike: some four days after a single one
const TICKS = 20_000 // of a period
const [LEAST_TICK_MS, MOST_TICK_MS] = [1_000, 60_000]
const ID_DIGITS = 12 // of an image's id say when it is due
const PAGE = 100

/**
 * Has every shadow of the index proven once in every period. Ids are evenly spread, so the first digits of an image's id
 * say when in each period it is due: a restart forgets nothing, and the load is even. One image at a time, and of it all
 * shadows at once. Of several masters the one that is drawn for image and period asks; who is gone is not drawn.
 */
export class Auditor {
  readonly #ports: AuditorPorts
  #cancel: (() => void) | undefined
  /** Up to when, by the wall clock, all that came due was looked at. */
  #doneAt = 0

  constructor(ports: AuditorPorts) {
    this.#ports = ports
  }

  /** Begin with what comes due from now on. */
  start(): this {
    this.#doneAt = this.#ports.clock.now()
    this.#later()
    return this
  }

  /** End. */
  stop(): void {
    this.#cancel?.()
  }

  #later(): void {
    const { clock, policy, stopping, log } = this.#ports
    const tickMs = Math.min(MOST_TICK_MS, Math.max(LEAST_TICK_MS, policy.auditPeriodMs / TICKS))
    this.#cancel = clock.setTimer(tickMs, () => {
      void this.#catchUp()
        .catch(error => log('audit broken off', { reason: asError(error).message }))
        .finally(() => !stopping.aborted && this.#later())
    })
  }

  async #catchUp(): Promise<void> {
    const { clock, policy } = this.#ports
    const [from, to] = [this.#doneAt, clock.now()]
    this.#doneAt = to
    const turnMs = policy.auditPeriodMs / TURNS
    if (to <= from || to - from > turnMs) return // the clock was set; what this leaves out is due in the next period
    for (let turn = 0; turn < TURNS; turn++) {
      await this.#auditDue({ from: from + turn * turnMs, to: to + turn * turnMs, isExtra: turn > 0 })
    }
  }

  async #auditDue({ from, to, isExtra }: { from: number; to: number; isExtra: boolean }): Promise<void> {
    const { auditPeriodMs } = this.#ports.policy
    const [first, end] = [dueId(from, auditPeriodMs), dueId(to, auditPeriodMs)]
    const ranges =
      first <= end
        ? [[first, end]]
        : [
            [first, 'g'],
            ['', end]
          ] // 'g' follows every hex digit
    for (const [after, before] of ranges) {
      for await (const stored of this.#storedBetween(after, before)) {
        if (this.#ports.stopping.aborted) return
        if (this.#isOwn(stored.claim.id, Math.floor(to / auditPeriodMs))) await this.#audit(stored, isExtra)
      }
    }
  }

  async *#storedBetween(after: string, before: string): AsyncGenerator<Stored> {
    const { records } = this.#ports
    for (let last = after === '' ? undefined : (after as ImageId); ; ) {
      const page = await records.list(last, PAGE)
      for (const { record } of page) {
        if (record.id >= before) return
        if (record.stored !== undefined) yield record.stored
        last = record.id
      }
      if (page.length < PAGE) return
    }
  }

  async #audit(stored: Stored, isExtra: boolean): Promise<void> {
    const { peers, stopping: signal } = this.#ports
    const { claim, placement } = stored
    const asked = placement.holders.filter(({ slave }) => !isExtra || (peers.get(slave)?.strikes ?? 0) > LATELY)
    await Promise.all(
      asked.map(async holder => {
        const finding = await auditHolder(stored, holder, { ...this.#ports, signal })
        await noteFinding(finding, holder, { ...this.#ports, claim, placement })
      })
    )
  }

  /** Whether this master is drawn for an image, of all that live (rendezvous hashing); in another period another one is. */
  #isOwn(image: ImageId, period: number): boolean {
    const { network, peers } = this.#ports
    const others = peers.alive('master').map(({ member }) => member.peer)
    const living = [network.self, ...others.filter(peer => peer !== network.self)]
    return drawOrder(`audit/${period}/${image}`, living)[0] === network.self
  }
}

/** The least id that is due at a time. */
function dueId(time: number, periodMs: number): string {
  const share = (time % periodMs) / periodMs
  return Math.floor(share * 16 ** ID_DIGITS)
    .toString(16)
    .padStart(ID_DIGITS, '0')
    .padEnd(64, '0')
}
