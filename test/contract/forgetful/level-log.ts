import { type Random, randomBelow } from '../../../base/random.ts'
import type { LevelChange } from '../../../base/synced-level.ts'

interface Batch {
  readonly at: number
  readonly changes: readonly LevelChange[]
  /** When it was on stable storage. */
  syncedAt: number
}

/**
 * What a Level database promises of its log: batches are whole or not there, in the order they were made, and a batch with
 * `sync` is on stable storage with all before it. Tables, compaction and the manifest of the real one are not modelled.
 */
export class LevelLog {
  readonly #atStart: ReadonlyMap<string, Uint8Array>
  readonly #batches: Batch[] = []
  /** The pairs as programs see them. */
  readonly pairs: Map<string, Uint8Array>

  constructor(pairs: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#atStart = pairs
    this.pairs = new Map(pairs)
  }

  /** Append a batch at a time of the disk. */
  append(at: number, changes: readonly LevelChange[]): void {
    this.#batches.push({ at, changes, syncedAt: Number.POSITIVE_INFINITY })
    apply(this.pairs, changes)
  }

  /** Put all that was appended on stable storage. */
  sync(at: number): void {
    for (const batch of this.#batches) batch.syncedAt = Math.min(batch.syncedAt, at)
  }

  /** The database that a start finds when the power was cut at a time. */
  cut(time: number, random: Random): LevelLog {
    const made = this.#batches.filter(({ at }) => at <= time)
    const synced = made.findLastIndex(({ syncedAt }) => syncedAt <= time) + 1
    const kept = synced + randomBelow(random, made.length - synced + 1)
    const pairs = new Map(this.#atStart)
    for (const { changes } of made.slice(0, kept)) apply(pairs, changes)
    return new LevelLog(pairs)
  }
}

function apply(pairs: Map<string, Uint8Array>, changes: readonly LevelChange[]): void {
  for (const change of changes) {
    if (change.type === 'put') pairs.set(change.key, change.value)
    else pairs.delete(change.key)
  }
}
