/** Lets work on one key run one piece after the other, and at most `width` pieces in all at one time. */
export class Turns {
  readonly #width: number
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param width how many pieces of work, of different keys, run at one time */
  constructor(width: number) {
    this.#width = width
  }

  /** Run `work` once everything asked for this key before it is over. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { promise: over, resolve: leave } = Promise.withResolvers<void>()
    const before = this.#last.get(key)
    this.#last.set(key, over)
    try {
      await before
      await this.#enter()
      try {
        return await work()
      } finally {
        this.#exit()
      }
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key)
      leave()
    }
  }

  /** Resolves once no work is left. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#width) this.#running++
    else await new Promise<void>(resolve => this.#waiting.push(resolve)) // whoever exits hands its place on
  }

  #exit(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }
}
