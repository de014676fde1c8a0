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
  return new RunningRace(items, race).run()
}

class RunningRace<T, A> {
  readonly #items: readonly T[]
  readonly #race: Race<T, A>
  readonly #result = Promise.withResolvers<A[]>()
  readonly #stop = new AbortController()
  readonly #timers = new Set<() => void>()
  readonly #good: A[] = []
  #next = 0
  #running = 0
  #settling = false

  constructor(items: readonly T[], race: Race<T, A>) {
    this.#items = items
    this.#race = race
  }

  run(): Promise<A[]> {
    const { signal, start } = this.#race
    if (signal?.aborted) return Promise.reject(abortReason(signal))
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    for (let i = 0; i < start; i++) this.#askNext()
    this.#check()
    return this.#result.promise
  }

  #askNext = (): void => {
    if (this.#stop.signal.aborted || this.#next >= this.#items.length) return
    const item = this.#items[this.#next++]
    this.#running++
    const { lateAfterMs } = this.#race
    const notLate = lateAfterMs && this.#after(lateAfterMs(item), this.#askNext)
    const settled = (): boolean => {
      this.#running--
      notLate?.()
      return this.#stop.signal.aborted
    }
    const win = (answer: A): void => {
      if (settled()) return
      this.#good.push(answer)
      this.#check()
    }
    const lose = (reason: unknown): void => {
      if (!settled()) this.#lost(item, asError(reason))
    }
    this.#race.ask(item, { signal: this.#stop.signal }).then(win, lose)
  }

  #lost(item: T, error: Error): void {
    this.#race.failed?.(item, error)
    if (this.#race.isFinal?.(error)) this.#end(() => this.#result.reject(error))
    this.#askNext()
    this.#check()
  }

  /** End the race when it is won or can no longer be; once one answer is good, give the others a last while. */
  #check(): void {
    const { need, settleAfterMs } = this.#race
    const end = (): void => this.#end(() => this.#result.resolve(this.#good))
    const spent = this.#running === 0 && this.#next >= this.#items.length
    if (this.#good.length >= need || spent) end()
    else if (this.#good.length > 0 && settleAfterMs !== undefined && !this.#settling) {
      this.#settling = true
      this.#after(settleAfterMs, end)
    }
  }

  #onAbort = (): void => this.#end(() => this.#result.reject(abortReason(this.#race.signal as AbortSignal))) // only called by that signal

  #end(settle: () => void): void {
    if (this.#stop.signal.aborted) return
    for (const cancel of this.#timers) cancel()
    this.#race.signal?.removeEventListener('abort', this.#onAbort)
    this.#stop.abort(new NetError('REQUEST_ABORTED', 'the answer is no longer needed'))
    settle()
  }

  /** Do `action` after `delayMs` unless the race is over by then; returns the way to cancel it. */
  #after(delayMs: number, action: () => void): () => void {
    const cancel = this.#race.clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel)
      action()
    })
    this.#timers.add(cancel)
    return () => {
      cancel()
      this.#timers.delete(cancel)
    }
  }
}
