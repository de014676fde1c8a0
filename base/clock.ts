import { NetError } from './errors.ts'

/** What the last parameter of everything that waits may carry. */
export interface AbortOptions {
  /** Ends the wait; the promise then rejects with the signal's reason or a NetError `REQUEST_ABORTED`. */
  readonly signal?: AbortSignal
}

/** Time, passed in everywhere: the system's, or a virtual one under which years pass in seconds. */
export interface Clock {
  /** Milliseconds since 1970 (system) or since the start of the run (virtual), to show and to sign: it may be put back. */
  now(): number
  /** Milliseconds since some moment of this process, to measure with: never put back. Fractions are allowed. */
  monotonic(): number
  /** Call `action` once after `delayMs`; the returned function cancels it. */
  setTimer(delayMs: number, action: () => void): () => void
}

/** The machine's clock. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs: number, action: () => void) => {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  }
})

/** Wait `delayMs` on `clock`. @throws NetError `REQUEST_ABORTED` when the signal fires first */
export function sleep(clock: Clock, delayMs: number, { signal }: AbortOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal))
    const onAbort = (): void => {
      cancel()
      reject(abortReason(signal as AbortSignal)) // only called by that signal
    }
    const cancel = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** A signal that fires after a time, or when its parent does. Call `clear` when the work is over. */
export interface Deadline {
  readonly signal: AbortSignal
  clear(): void
}

/** A {@link Deadline} of `timeoutMs` on `clock`; on time-out the reason is a NetError `REQUEST_TIMEOUT`. */
export function deadline(clock: Clock, timeoutMs: number, { signal: parent }: AbortOptions = {}): Deadline {
  const controller = new AbortController()
  const onParent = (): void => {
    cancel()
    controller.abort(abortReason(parent as AbortSignal)) // only called by that signal
  }
  const cancel = clock.setTimer(timeoutMs, () => {
    parent?.removeEventListener('abort', onParent)
    controller.abort(new NetError('REQUEST_TIMEOUT', `no answer within ${timeoutMs} ms`, { detail: { timeoutMs } }))
  })
  if (parent?.aborted) onParent()
  else parent?.addEventListener('abort', onParent, { once: true })
  return {
    signal: controller.signal,
    clear: () => {
      cancel()
      parent?.removeEventListener('abort', onParent)
    }
  }
}

/** The NetError behind an aborted signal: its reason when that is one, else `REQUEST_ABORTED`. */
export function abortReason(signal: AbortSignal): NetError {
  if (signal.reason instanceof NetError) return signal.reason
  return new NetError('REQUEST_ABORTED', 'the operation was aborted', { cause: signal.reason })
}
