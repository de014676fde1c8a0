import { raceSignal } from 'race-signal'
import { abortReason } from './clock.ts'

/**
 * Wait for `work`, but no longer than the signal lets: work that ignores the signal goes on alone.
 * @throws NetError of `abortReason` when the signal fires first
 */
export function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return raceSignal(work, signal, { translateError: abortReason })
}
