import { NetError } from './errors.ts'

/** How many bytes of images may be in hand at once. Who comes when it is spent is told to come back, and nothing piles up. */
export class ByteBudget {
  readonly #limit: number
  #used = 0

  constructor(limitBytes: number) {
    this.#limit = limitBytes
  }

  /** Bytes in hand. */
  get usedBytes(): number {
    return this.#used
  }

  /**
   * Take `bytes` while `work` runs.
   * @throws NetError `IMAGE_TOO_LARGE` when they never fit, `BUSY` when they do not fit now
   */
  async spend<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const detail = { bytes, limitBytes: this.#limit, usedBytes: this.#used }
    if (bytes > this.#limit) {
      throw new NetError('IMAGE_TOO_LARGE', `an image of ${bytes} bytes, at most ${this.#limit} are taken`, { detail })
    }
    if (this.#used + bytes > this.#limit) throw new NetError('BUSY', 'too many images in hand', { detail })
    this.#used += bytes
    try {
      return await work()
    } finally {
      this.#used -= bytes
    }
  }
}
