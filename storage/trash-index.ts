import { afterKey } from './shadow-key.ts'
import { type ListQuery, metadataKey } from './shadow-metadata.ts'
import { footprint, type ShadowEntry, type SharingKey, type TrashedShadow } from './shadow-store.ts'

/** What is in a trash, in memory: of one sharing what was dropped last. */
export class TrashIndex {
  readonly #trash = new Map<string, TrashedShadow>()
  #bytes = 0

  get shadows(): number {
    return this.#trash.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What is here of a sharing. */
  find(key: SharingKey): TrashedShadow | undefined {
    return this.#trash.get(metadataKey(key))
  }

  /** Take in an entry, in the place of what is here of its sharing. */
  set(entry: TrashedShadow): void {
    this.delete(entry)
    this.#trash.set(metadataKey(entry), entry)
    this.#bytes += footprint(entry)
  }

  /** Take away what is here of a sharing. */
  delete(key: SharingKey): void {
    const entry = this.find(key)
    if (entry !== undefined) this.#bytes -= footprint(entry)
    this.#trash.delete(metadataKey(key))
  }

  /** Take all away. */
  clear(): void {
    this.#trash.clear()
    this.#bytes = 0
  }

  /** What was dropped first of all that is here. */
  oldest(): TrashedShadow | undefined {
    let first: TrashedShadow | undefined
    for (const entry of this.#trash.values()) if (first === undefined || entry.time < first.time) first = entry
    return first
  }

  /** Entries in key order. */
  list(query: ListQuery): TrashedShadow[] {
    return inOrder([...this.#trash.values()], query)
  }
}

/** Those of some entries that a query asks for, in key order. */
export function inOrder<T extends ShadowEntry>(
  entries: readonly T[],
  { image, after, limit = Number.POSITIVE_INFINITY }: ListQuery
): T[] {
  return entries
    .filter(entry => (image === undefined || entry.image === image) && (after === undefined || afterKey(entry, after)))
    .sort((a, b) => (afterKey(a, b) ? 1 : -1))
    .slice(0, limit)
}
