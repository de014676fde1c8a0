import type { Clock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'

/** A handler's abort signal that is made when first asked for: most handlers never do, and a controller is costly. */
export class LazySignal {
  readonly #clock: Clock
  readonly #endsAtMs: number
  readonly #timeoutMs: number
  #controller: AbortController | undefined
  #cancel: (() => void) | undefined
  #reason: NetError | undefined

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#endsAtMs = clock.now() + timeoutMs
  }

  /** The signal: fires at the time limit or by {@link abort}. */
  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.#reason !== undefined) controller.abort(this.#reason)
    else {
      const late = new NetError('REQUEST_TIMEOUT', `not answered within ${this.#timeoutMs} ms`)
      this.#cancel = this.#clock.setTimer(this.#endsAtMs - this.#clock.now(), () => controller.abort(late))
    }
    return controller.signal
  }

  /** The caller gave up. */
  abort(): void {
    this.#reason = new NetError('REQUEST_ABORTED', 'the caller gave up')
    this.clear()
    this.#controller?.abort(this.#reason)
  }

  /** The work is over. */
  clear(): void {
    this.#cancel?.()
  }
}
