import type { PeerId, SharingId } from '../../base/ids.ts'

/** Which shadows are known to be lost though their slave lives: noted when one is asked for, or found missing in a listing. */
export class LossLedger {
  readonly #lost = new Map<PeerId, Set<SharingId>>()
  #changes = 0

  /** How often something new was noted or cleared. */
  get changes(): number {
    return this.#changes
  }

  /** Whether no shadow is known to be lost. */
  get isEmpty(): boolean {
    return this.#lost.size === 0
  }

  /** `slave` no longer has its shadow of `sharing`, or has it wrong. */
  note(slave: PeerId, sharing: SharingId): void {
    if (this.has(slave, sharing)) return
    const lost = this.#lost.get(slave)
    if (lost === undefined) this.#lost.set(slave, new Set([sharing]))
    else lost.add(sharing)
    this.#changes++
  }

  /** `slave` has its shadow of `sharing` after all. */
  clear(slave: PeerId, sharing: SharingId): void {
    const lost = this.#lost.get(slave)
    if (!lost?.delete(sharing)) return
    if (lost.size === 0) this.#lost.delete(slave)
    this.#changes++
  }

  /** Forget the sharings that `isNamed` does not know: no record names them any more. */
  prune(isNamed: (sharing: SharingId) => boolean): void {
    for (const [slave, lost] of this.#lost)
      for (const sharing of lost) if (!isNamed(sharing)) this.clear(slave, sharing)
  }

  /** Whether `slave`'s shadow of `sharing` is known to be lost. */
  has(slave: PeerId, sharing: SharingId): boolean {
    return this.#lost.get(slave)?.has(sharing) ?? false
  }
}
