import type { AbortOptions, Clock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { Holder } from '../../indexing/image-record.ts'
import { raceAnswers } from '../peers/race-answers.ts'

/** How shadows come back from slaves, opened as `T`. */
export interface GatherPorts<T> extends AbortOptions {
  readonly clock: Clock
  /** Ask a holder for its shadow. */
  ask(holder: Holder, options: Required<AbortOptions>): Promise<Uint8Array>
  /** Check what came, its digest, MAC and identity, and open it. @throws NetError `SHADOW_CORRUPT` */
  open(holder: Holder, shadow: Uint8Array): T
  /** After how long this holder counts as late and a spare is asked too, in ms. */
  lateAfterMs(holder: Holder): number
  /** Called for every holder that failed, before the next one is asked. */
  failed?(holder: Holder, error: Error): void
}

/**
 * `threshold` good shadows from `holders`, which are asked best first: one more than needed at once when there are that
 * many, another for each that fails or is late; as soon as enough are good the rest is cancelled (retrieving phase).
 * @throws NetError `NOT_ENOUGH_SHADOWS` with the numbers, or what the caller's signal carries
 */
export async function gatherShadows<T>(
  holders: readonly Holder[],
  threshold: number,
  ports: GatherPorts<T>
): Promise<T[]> {
  const shadows = await raceAnswers(holders, {
    clock: ports.clock,
    signal: ports.signal,
    need: threshold,
    start: threshold + 1,
    ask: async (holder, options) => ports.open(holder, await ports.ask(holder, options)),
    lateAfterMs: holder => ports.lateAfterMs(holder),
    failed: (holder, error) => ports.failed?.(holder, error)
  })
  if (shadows.length >= threshold) return shadows
  // The threshold itself stays out of the message: it reaches users, and only masters know it.
  const [have, total] = [shadows.length, holders.length]
  const message = `${have} of ${total} shadows could be read, too few to rebuild the image`
  throw new NetError('NOT_ENOUGH_SHADOWS', message, { detail: { have, total } })
}
