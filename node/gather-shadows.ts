import { type AbortOptions, abortReason, type Clock } from '../base/clock.ts'
import { asError, NetError } from '../base/errors.ts'
import type { Holder } from '../indexing/image-record.ts'

/** How shadows come back from slaves. */
export interface GatherPorts {
  readonly clock: Clock
  /** Ask a holder for its shadow. */
  ask(holder: Holder, options: Required<AbortOptions>): Promise<Uint8Array>
  /** Check what came: its digest, MAC and identity. @throws NetError `SHADOW_CORRUPT` */
  check(holder: Holder, shadow: Uint8Array): void
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
export function gatherShadows(
  holders: readonly Holder[],
  threshold: number,
  ports: GatherPorts & AbortOptions
): Promise<Uint8Array[]> {
  const { signal, clock } = ports
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal))
    const stop = new AbortController()
    const good: Uint8Array[] = []
    const timers = new Set<() => void>()
    let next = 0
    let running = 0
    let over = false

    const end = (settle: () => void): void => {
      if (over) return
      over = true
      for (const cancel of timers) cancel()
      signal?.removeEventListener('abort', onAbort)
      stop.abort(new NetError('REQUEST_ABORTED', 'enough shadows have come'))
      settle()
    }
    const onAbort = (): void => end(() => reject(abortReason(signal as AbortSignal))) // only called by that signal
    signal?.addEventListener('abort', onAbort, { once: true })

    const askNext = (): void => {
      if (over || next >= holders.length) return
      const holder = holders[next++]
      running++
      const cancel = clock.setTimer(ports.lateAfterMs(holder), () => {
        timers.delete(cancel)
        askNext()
      })
      timers.add(cancel)
      askOne(holder)
        .catch(error => end(() => reject(asError(error))))
        .finally(() => {
          cancel()
          timers.delete(cancel)
        })
    }
    const askOne = async (holder: Holder): Promise<void> => {
      const failure = await tryHolder(holder, ports, stop.signal)
      running--
      if (over) return
      if (failure instanceof Error) {
        ports.failed?.(holder, failure)
        askNext()
      } else {
        good.push(failure)
      }
      if (good.length >= threshold) return end(() => resolve(good))
      if (running === 0 && next >= holders.length) end(() => reject(tooFew(good.length, holders.length)))
    }
    for (let i = 0; i < Math.min(threshold + 1, holders.length); i++) askNext()
    if (holders.length === 0) end(() => reject(tooFew(0, 0)))
  })
}

async function tryHolder(holder: Holder, ports: GatherPorts, signal: AbortSignal): Promise<Uint8Array | Error> {
  try {
    const shadow = await ports.ask(holder, { signal })
    ports.check(holder, shadow)
    return shadow
  } catch (error) {
    return asError(error)
  }
}

// The threshold itself stays out of the message: it reaches users, and only masters know it.
function tooFew(have: number, total: number): NetError {
  return new NetError('NOT_ENOUGH_SHADOWS', `${have} of ${total} shadows could be read, too few to rebuild the image`, {
    detail: { have, total }
  })
}
