import { type AbortOptions, type Clock, sleep } from '../../base/clock.ts'

/**
 * Lets so many bytes a second go, each piece of work as soon as what was taken before it is paid off. With requests in hand the
 * rate is shared with them: 1 / (1 + requests) of it is left.
 */
export class BytePace {
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  readonly #load: () => number
  #owed = 0
  #at: number

  /** @param load how many requests the peer has in hand now */
  constructor(clock: Clock, bytesPerSecond: number, load: () => number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    this.#load = load
    this.#at = clock.monotonic()
  }

  /** Wait until `bytes` may go. @throws NetError `REQUEST_ABORTED` */
  async take(bytes: number, options: AbortOptions = {}): Promise<void> {
    for (;;) {
      this.#payOff()
      if (this.#owed <= 0) break
      await sleep(this.#clock, Math.max(1, (this.#owed / this.#rate()) * 1000), options)
    }
    this.#owed += bytes
  }

  #payOff(): void {
    const now = this.#clock.monotonic()
    this.#owed = Math.max(0, this.#owed - ((now - this.#at) / 1000) * this.#rate())
    this.#at = now
  }

  #rate(): number {
    return this.#bytesPerSecond / (1 + this.#load())
  }
}
