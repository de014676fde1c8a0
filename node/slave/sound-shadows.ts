import { isNetError } from '../../base/errors.ts'
import type { ImageId, ShadowKey } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { ShadowEntry, ShadowStore } from '../../storage/shadow-store.ts'

/** What stands for the digest of a shadow that is damaged: no bytes have it. */
export const NO_DIGEST = '0'.repeat(64)

const MOST_DAMAGED = 1_000_000 // of which it is remembered; a disk that has lost more is lost

/**
 * A slave's shadows, with what reading them showed: one that has other bytes than were put, or whose file is gone, is listed
 * without its digest. Nothing is deleted: a later read may succeed, and then it is listed whole again.
 */
export class SoundShadows {
  readonly #shadows: ShadowStore
  readonly #log: Log
  readonly #damaged = new Set<string>()

  constructor(shadows: ShadowStore, log: Log) {
    this.#shadows = shadows
    this.#log = log
  }

  /** The bytes, from the disk. @throws NetError what `ShadowStore.get` throws */
  async get(key: ShadowKey): Promise<Uint8Array> {
    const name = nameOf(key)
    try {
      const shadow = await this.#shadows.get(key)
      if (this.#damaged.delete(name)) this.#log('a damaged shadow is whole again', { image: key.image })
      return shadow
    } catch (error) {
      if (isNetError(error, 'SHADOW_CORRUPT', 'SHADOW_MISSING')) await this.#note(key, error.code)
      throw error
    }
  }

  /** It was put anew, whole. */
  isPut(key: ShadowKey): void {
    this.#damaged.delete(nameOf(key))
  }

  /** As `ShadowStore.list`, with {@link NO_DIGEST} for those that are damaged: they stay listed, so that they can be dropped. */
  async list(query: { image?: ImageId; after?: ShadowKey; limit: number }): Promise<ShadowEntry[]> {
    const entries = await this.#shadows.list(query)
    return entries.map(entry => (this.#damaged.has(nameOf(entry)) ? { ...entry, digest: NO_DIGEST } : entry))
  }

  async #note(key: ShadowKey, reason: string): Promise<void> {
    const entry = await this.#shadows.find(key)
    if (entry === undefined || this.#damaged.has(nameOf(key)) || this.#damaged.size >= MOST_DAMAGED) return
    this.#damaged.add(nameOf(key))
    const { image, number } = key
    this.#log('a shadow is damaged', { alarm: 'disk', image, number, reason })
  }
}

function nameOf({ image, sharing, number }: ShadowKey): string {
  return `${image}/${sharing}/${number}`
}
