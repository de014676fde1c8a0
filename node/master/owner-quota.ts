import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'
import type { Usage } from '../../indexing/owner-usage.ts'

/** What each owner may have stored; no limit where undefined. */
export interface QuotaPolicy {
  /** Bytes of encrypted images. */
  readonly quotaBytes: number | undefined
  readonly quotaImages: number | undefined
}

/**
 * Keeps owners to their quota, by the index of this master and what is on its way into it. Two masters that are asked at
 * once may each let in what only one should have.
 */
export class OwnerQuota {
  readonly #policy: QuotaPolicy
  readonly #stored: (owner: PeerId) => Usage
  readonly #coming = new Map<PeerId, Usage>()

  /** @param stored what the index has of an owner now */
  constructor(policy: QuotaPolicy, stored: (owner: PeerId) => Usage) {
    this.#policy = policy
    this.#stored = stored
  }

  /** Do `store`, which adds this image, if its owner may have one more. @throws NetError `QUOTA_EXCEEDED` with the numbers */
  async spend<T>({ owner, size }: Pick<ImageClaim, 'owner' | 'size'>, store: () => Promise<T>): Promise<T> {
    const coming = this.#coming.get(owner) ?? { images: 0, bytes: 0 }
    const stored = this.#stored(owner)
    this.#check('quotaImages', stored.images + coming.images + 1)
    this.#check('quotaBytes', stored.bytes + coming.bytes + size)
    this.#count(owner, 1, size)
    try {
      return await store()
    } finally {
      this.#count(owner, -1, -size)
    }
  }

  #check(name: keyof QuotaPolicy, need: number): void {
    const quota = this.#policy[name]
    if (quota === undefined || need <= quota) return
    const what = name === 'quotaImages' ? 'images' : 'bytes'
    throw new NetError('QUOTA_EXCEEDED', `the owner may have ${quota} ${what} stored, this would make ${need}`, {
      detail: { quota, need }
    })
  }

  #count(owner: PeerId, images: number, bytes: number): void {
    const coming = this.#coming.get(owner) ?? { images: 0, bytes: 0 }
    const now = { images: coming.images + images, bytes: coming.bytes + bytes }
    if (now.images === 0) this.#coming.delete(owner)
    else this.#coming.set(owner, now)
  }
}
