/** Lets work on one key run one piece after the other; work on different keys runs side by side. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<void>>()

  /** Run `work` once everything asked for this key before it is over. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { promise: over, resolve: leave } = Promise.withResolvers<void>()
    const before = this.#last.get(key)
    this.#last.set(key, over)
    try {
      await before
      return await work()
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key)
      leave()
    }
  }

  /** Resolves once no work is left. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }
}
