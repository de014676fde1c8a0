import { type AbortOptions, abortReason } from './clock.ts'
import { NetError } from './errors.ts'

/** Lets so many in at a time; the others wait in line, in the order they came. */
export class Semaphore {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting = new Set<() => void>()
  #inside = 0

  /** @param mostWaiting how many may stand in line; any number when left out */
  constructor(most: number, mostWaiting = Number.POSITIVE_INFINITY) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** Nobody inside, nobody waiting. */
  get idle(): boolean {
    return this.#inside === 0 && this.#waiting.size === 0
  }

  /** Wait for a place; call the result to leave it. @throws NetError `BUSY` when the line is full, or the signal's reason */
  async enter({ signal }: AbortOptions = {}): Promise<() => void> {
    if (this.#inside < this.#most) this.#inside++
    else {
      if (this.#waiting.size >= this.#mostWaiting) throw busy(this.#most)
      await this.#wait(signal) // whoever leaves hands over its place
    }
    let left = false
    return () => {
      if (left) return
      left = true
      const [next] = this.#waiting
      if (next === undefined) this.#inside--
      else next()
    }
  }

  /** Do `work` inside. @throws what {@link Semaphore.enter} throws, or `work` */
  async run<T>(work: () => Promise<T>, options?: AbortOptions): Promise<T> {
    const leave = await this.enter(options)
    try {
      return await work()
    } finally {
      leave()
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(go)
        reject(abortReason(signal as AbortSignal)) // only called by that signal
      }
      const go = (): void => {
        this.#waiting.delete(go)
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#waiting.add(go)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
    })
  }
}

/** A NetError `BUSY`: more than `most` at a time; try again later or elsewhere. */
export function busy(most: number): NetError {
  return new NetError('BUSY', `more than ${most} requests at a time`, { detail: { most } })
}
