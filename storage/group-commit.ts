import type { LevelChange, SyncedLevel } from '../base/synced-level.ts'

interface Waiting {
  readonly changes: readonly LevelChange[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** Makes changes durable in groups: what arrives while one group is being written goes into the next, with one sync. */
export class GroupCommit {
  readonly #level: SyncedLevel
  #waiting: Waiting[] = []
  #running = false

  /** @param level where the changes go */
  constructor(level: SyncedLevel) {
    this.#level = level
  }

  /** Make these changes, all or none; resolves once they are on stable storage. @throws NetError of `diskError` */
  commit(...changes: readonly LevelChange[]): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ changes, done, failed })
      if (!this.#running) void this.#run() // never rejects: each failure goes to those who wait for it
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#level.commit(group.flatMap(({ changes }) => changes))
        for (const { done } of group) done()
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    this.#running = false
  }
}
