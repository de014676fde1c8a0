import { type ErrorDetail, NetError } from './errors.ts'

/** What one caller has in hand for one piece of work. */
export interface Holding {
  /** Take so many bytes more. @throws NetError `BUSY` when they do not fit now; what was taken before stays */
  take(bytes: number): void
  /** Give everything back; may be called twice. */
  giveBack(): void
}

/**
 * Bytes in hand, shared out among callers: each may hold twice of what nobody holds, so that however many one caller
 * takes, a third of that is left for the next. Who comes when its share is spent is told to come back.
 */
export class FairBudget {
  readonly #mostBytes: number
  readonly #held = new Map<string, number>()
  #used = 0

  /** @param mostBytes what a caller may hold while nobody else holds any; all callers together hold half as much again */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** Bytes in hand, of all callers. */
  get usedBytes(): number {
    return this.#used
  }

  /** See whether `caller` may take `bytes` now, without taking any. @throws NetError `BUSY` */
  check(caller: string, bytes: number): void {
    const held = this.#held.get(caller) ?? 0
    const free = 1.5 * this.#mostBytes - this.#used - bytes
    if (held + bytes <= 2 * free) return
    throw new NetError('BUSY', 'too many bytes in hand', { detail: this.#detail(bytes) })
  }

  /** Begin to take bytes for `caller`. */
  open(caller: string): Holding {
    let taken = 0
    return {
      take: bytes => {
        this.check(caller, bytes)
        taken += bytes
        this.#add(caller, bytes)
      },
      giveBack: () => {
        this.#add(caller, -taken)
        taken = 0
      }
    }
  }

  /**
   * Take an image's `bytes` for `caller` while `work` runs.
   * @throws NetError `IMAGE_TOO_LARGE` when they never fit, `BUSY` when they do not fit now
   */
  async spend<T>(caller: string, bytes: number, work: () => Promise<T>): Promise<T> {
    if (bytes > this.#mostBytes) {
      const message = `an image of ${bytes} bytes, at most ${this.#mostBytes} are taken`
      throw new NetError('IMAGE_TOO_LARGE', message, { detail: this.#detail(bytes) })
    }
    const holding = this.open(caller)
    holding.take(bytes)
    try {
      return await work()
    } finally {
      holding.giveBack()
    }
  }

  #add(caller: string, bytes: number): void {
    this.#used += bytes
    const held = (this.#held.get(caller) ?? 0) + bytes
    if (held === 0) this.#held.delete(caller)
    else this.#held.set(caller, held)
  }

  #detail(bytes: number): ErrorDetail {
    return { bytes, limitBytes: this.#mostBytes }
  }
}
