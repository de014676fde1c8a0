import { type Clock, sleep } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { Master } from '../../node/master/master.ts'

const POLL_MS = 100

/** How long a condition is waited for, on which clock, and what is said when that was too short. */
export interface Patience {
  readonly clock: Clock
  readonly limitMs: number
  readonly late: string
}

/** Wait until a condition holds. What it throws counts as not yet. @throws NetError `REQUEST_TIMEOUT` when it is late */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { clock, limitMs, late }: Patience
): Promise<void> {
  const giveUpAt = clock.monotonic() + limitMs
  for (;;) {
    let cause: unknown
    try {
      if (await condition()) return
    } catch (error) {
      cause = error
    }
    if (clock.monotonic() > giveUpAt) throw new NetError('REQUEST_TIMEOUT', `${late} within ${limitMs} ms`, { cause })
    await sleep(clock, POLL_MS)
  }
}

/** Whether every master knows all the other masters and so many slaves. */
export function haveMet(masters: readonly Master[], slaves: number): boolean {
  return masters.every(
    ({ peers, replicator }) =>
      peers.alive('slave').length >= slaves && replicator.others().length === masters.length - 1
  )
}
