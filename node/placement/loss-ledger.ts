import type { PeerId, SharingId } from '../../base/ids.ts'

/**
 * Which shadows are known to be lost though their slave lives: it did not list them, or was asked for them and had them not.
 * A list is no more than a slave's word: it does not undo what asking found.
 */
export class LossLedger {
  /** Of each slave's lost shadows, by sharing, whether it was asked for them. */
  readonly #lost = new Map<PeerId, Map<SharingId, boolean>>()
  #changes = 0

  /** How often something new was noted or cleared. */
  get changes(): number {
    return this.#changes
  }

  /** Whether no shadow is known to be lost. */
  get isEmpty(): boolean {
    return this.#lost.size === 0
  }

  /** `slave` was asked for its shadow of `sharing` and no longer has it, or has it wrong. */
  note(slave: PeerId, sharing: SharingId): void {
    this.#set(slave, sharing, true)
  }

  /** `slave` showed that it has its shadow of `sharing` after all. */
  clear(slave: PeerId, sharing: SharingId): void {
    const lost = this.#lost.get(slave)
    if (!lost?.delete(sharing)) return
    if (lost.size === 0) this.#lost.delete(slave)
    this.#changes++
  }

  /** Whether `slave` lists its shadow of `sharing`. */
  noteListed(slave: PeerId, sharing: SharingId, isListed: boolean): void {
    const wasAsked = this.wasAsked(slave, sharing)
    if (!isListed) this.#set(slave, sharing, wasAsked)
    else if (!wasAsked) this.clear(slave, sharing)
  }

  /** Forget the sharings that `isNamed` does not know: no record names them any more. */
  prune(isNamed: (sharing: SharingId) => boolean): void {
    for (const [slave, lost] of this.#lost)
      for (const sharing of lost.keys()) if (!isNamed(sharing)) this.clear(slave, sharing)
  }

  /** Whether `slave`'s shadow of `sharing` is known to be lost. */
  has(slave: PeerId, sharing: SharingId): boolean {
    return this.#lost.get(slave)?.has(sharing) ?? false
  }

  /** Whether it is known because the slave was asked for it. */
  wasAsked(slave: PeerId, sharing: SharingId): boolean {
    return this.#lost.get(slave)?.get(sharing) ?? false
  }

  #set(slave: PeerId, sharing: SharingId, wasAsked: boolean): void {
    if (!this.has(slave, sharing)) this.#changes++
    const lost = this.#lost.get(slave)
    if (lost === undefined) this.#lost.set(slave, new Map([[sharing, wasAsked]]))
    else lost.set(sharing, wasAsked)
  }
}
