import type { PeerId } from '../base/ids.ts'
import type { ImageClaim } from './image-record.ts'

/** What is stored of one owner. */
export interface Usage {
  readonly images: number
  /** Of their encryptions. */
  readonly bytes: number
}

const NOTHING: Usage = Object.freeze({ images: 0, bytes: 0 })

/** Images and bytes of each owner, counted as images come and go. */
export class OwnerUsage {
  readonly #owners = new Map<PeerId, Usage>()

  /** An image is stored. */
  add({ owner, size }: Pick<ImageClaim, 'owner' | 'size'>): void {
    const { images, bytes } = this.of(owner)
    this.#owners.set(owner, { images: images + 1, bytes: bytes + size })
  }

  /** An image that was stored is no more. */
  remove({ owner, size }: Pick<ImageClaim, 'owner' | 'size'>): void {
    const { images, bytes } = this.of(owner)
    if (images <= 1) this.#owners.delete(owner)
    else this.#owners.set(owner, { images: images - 1, bytes: bytes - size })
  }

  /** What is stored of an owner. */
  of(owner: PeerId): Usage {
    return this.#owners.get(owner) ?? NOTHING
  }

  /** All owners of whom something is stored. */
  all(): ReadonlyMap<PeerId, Usage> {
    return this.#owners
  }
}
