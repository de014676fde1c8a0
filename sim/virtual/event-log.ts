import { createHash } from 'node:crypto'

const FLUSH_CHARACTERS = 1 << 16

/**
 * What happened in a run, folded into one SHA-256: two runs of a seed are the same history exactly when their digests
 * are. The lines themselves are kept on request only.
 */
export class EventLog {
  readonly #hash = createHash('sha256')
  readonly #kept: string[] | undefined
  #pending = ''
  #lines = 0

  constructor({ keep = false }: { keep?: boolean } = {}) {
    this.#kept = keep ? [] : undefined
  }

  /** Lines noted so far. */
  get count(): number {
    return this.#lines
  }

  /** The lines, when the log was told to keep them; else none. */
  get lines(): readonly string[] {
    return this.#kept ?? []
  }

  /** Add a line. It must be the same in every run of the seed: no real time, no addresses. */
  note(line: string): void {
    this.#lines++
    this.#kept?.push(line)
    this.#pending += `${line}\n`
    if (this.#pending.length >= FLUSH_CHARACTERS) this.#flush()
  }

  /** SHA-256 of all lines so far, hex. */
  digest(): string {
    this.#flush()
    return this.#hash.copy().digest('hex')
  }

  #flush(): void {
    if (this.#pending !== '') this.#hash.update(this.#pending)
    this.#pending = ''
  }
}
