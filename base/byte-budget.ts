import { type ErrorDetail, NetError } from './errors.ts'

/** How many bytes may be in hand at once. Who comes when it is spent is told to come back, and nothing piles up. */
export class ByteBudget {
  readonly #limit: number
  #used = 0

  constructor(limitBytes: number) {
    this.#limit = limitBytes
  }

  /** Take `bytes`; call the result to give them back. @throws NetError `BUSY` when they do not fit now */
  take(bytes: number): () => void {
    if (this.#used + bytes > this.#limit)
      throw new NetError('BUSY', 'too many bytes in hand', { detail: this.#detail(bytes) })
    this.#used += bytes
    let back = false
    return () => {
      if (!back) this.#used -= bytes
      back = true
    }
  }

  /**
   * Take an image's `bytes` while `work` runs.
   * @throws NetError `IMAGE_TOO_LARGE` when they never fit, `BUSY` when they do not fit now
   */
  async spend<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (bytes > this.#limit) {
      const message = `an image of ${bytes} bytes, at most ${this.#limit} are taken`
      throw new NetError('IMAGE_TOO_LARGE', message, { detail: this.#detail(bytes) })
    }
    const giveBack = this.take(bytes)
    try {
      return await work()
    } finally {
      giveBack()
    }
  }

  #detail(bytes: number): ErrorDetail {
    return { bytes, limitBytes: this.#limit, usedBytes: this.#used }
  }
}
