import { type AbortOptions, abortReason, type Clock } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'

/** A race for answers. */
export interface Race<T, A> extends AbortOptions {
  readonly clock: Clock
  /** How many good answers end it. */
  readonly need: number
  /** How many are asked at once from the start. */
  readonly start: number
  /** Ask one; whatever it rejects with counts as no answer. Its signal fires when the race is over. */
  ask(item: T, options: Required<AbortOptions>): Promise<A>
  /** After how long this one is late and the next is asked too, in ms; never when left out. */
  lateAfterMs?(item: T): number
  /** Called for each that failed, before the next is asked. */
  failed?(item: T, error: Error): void
  /** Whether this failure ends the race: nobody else would answer differently. */
  isFinal?(error: Error): boolean
  /** Once one answer is good, wait at most this long for the rest, in ms. */
  readonly settleAfterMs?: number
}

/**
 * Ask `items` in order, `start` at once, another for each that fails or is late, until `need` answers are good; the rest
 * is then cancelled. Resolves to fewer when all have been asked and no more can come.
 * @throws what the signal carries, or a final failure
 */
export function raceAnswers<T, A>(items: readonly T[], race: Race<T, A>): Promise<A[]> {
  return new Promise((resolve, reject) => {
    if (race.signal?.aborted) return reject(abortReason(race.signal))
    const { clock, signal } = race
    const stop = new AbortController()
    const timers = new Set<() => void>()
    const good: A[] = []
    let next = 0
    let running = 0
    let settling = false

    const end = (settle: () => void): void => {
      if (stop.signal.aborted) return
      for (const cancel of timers) cancel()
      signal?.removeEventListener('abort', onAbort)
      stop.abort(new NetError('REQUEST_ABORTED', 'the answer is no longer needed'))
      settle()
    }
    const onAbort = (): void => end(() => reject(abortReason(signal as AbortSignal))) // only called by that signal
    signal?.addEventListener('abort', onAbort, { once: true })

    const after = (delayMs: number, action: () => void): (() => void) => {
      const cancel = clock.setTimer(delayMs, () => {
        timers.delete(cancel)
        action()
      })
      timers.add(cancel)
      return () => {
        cancel()
        timers.delete(cancel)
      }
    }
    const check = (): void => {
      const spent = running === 0 && next >= items.length
      if (good.length >= race.need || spent) {
        end(() => resolve(good))
      } else if (good.length > 0 && race.settleAfterMs !== undefined && !settling) {
        settling = true
        after(race.settleAfterMs, () => end(() => resolve(good)))
      }
    }
    const askNext = (): void => {
      if (stop.signal.aborted || next >= items.length) return
      const item = items[next++]
      running++
      const notLate = race.lateAfterMs && after(race.lateAfterMs(item), askNext)
      const settled = (): boolean => {
        running--
        notLate?.()
        return stop.signal.aborted
      }
      const win = (answer: A): void => {
        if (settled()) return
        good.push(answer)
        check()
      }
      const lose = (reason: unknown): void => {
        if (settled()) return
        const error = asError(reason)
        race.failed?.(item, error)
        if (race.isFinal?.(error)) end(() => reject(error))
        askNext()
        check()
      }
      race.ask(item, { signal: stop.signal }).then(win, lose)
    }
    for (let i = 0; i < race.start; i++) askNext()
    check()
  })
}
