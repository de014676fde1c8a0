import { abortReason, type Clock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Protocol } from '../../protocols/network.ts'

/** How a request ended: by an answer's bytes, or by the error that the peer or the network gave. */
export type Outcome = Uint8Array | NetError

/** What a call is made of. */
export interface CallInit {
  readonly peer: PeerId
  readonly protocol: Protocol<unknown, unknown>
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  /** Told once when the call is over, whatever way. */
  readonly onEnd: (call: Call) => void
}

/** A request in flight, at its caller: ends once, by an answer, a break, the time limit or the caller's signal. */
export class Call {
  readonly peer: PeerId
  /** The answer's bytes. */
  readonly answer: Promise<Uint8Array>
  /** Set by the answering end: tells it that the caller gave up. */
  onGiveUp: (() => void) | undefined
  readonly #init: CallInit
  readonly #resolve: (answer: Uint8Array) => void
  readonly #reject: (error: NetError) => void
  readonly #cancelTimer: () => void
  #open = true

  constructor(init: CallInit) {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const { id, timeoutMs } = init.protocol
    this.#init = init
    this.peer = init.peer
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#cancelTimer = init.clock.setTimer(timeoutMs, () => {
      this.onGiveUp?.()
      const detail = { protocol: id }
      this.settle(new NetError('REQUEST_TIMEOUT', `no answer to ${id} within ${timeoutMs} ms`, { detail }))
    })
    init.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Whether it still waits. */
  get open(): boolean {
    return this.#open
  }

  /** End it; later outcomes change nothing. */
  settle(outcome: Outcome): void {
    if (!this.#end()) return
    if (outcome instanceof NetError) this.#reject(outcome)
    else this.#resolve(outcome)
  }

  /** Forget it: its process was killed, nobody waits. */
  abandon(): void {
    this.#end()
  }

  #end(): boolean {
    if (!this.#open) return false
    this.#open = false
    this.#cancelTimer()
    this.#init.signal?.removeEventListener('abort', this.#onAbort)
    this.#init.onEnd(this)
    return true
  }

  readonly #onAbort = (): void => {
    if (!this.#end()) return
    this.onGiveUp?.()
    this.#reject(abortReason(this.#init.signal as AbortSignal)) // only called by that signal
  }
}
