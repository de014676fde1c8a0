import type { PeerId, SharingId } from '../../base/ids.ts'

/** Which shadows are known to be lost though their slave lives: noted when one is asked for, or found missing in a listing. */
export class LossLedger {
  readonly #lost = new Map<PeerId, Set<SharingId>>()

  /** `slave` no longer has its shadow of `sharing`, or has it wrong. */
  note(slave: PeerId, sharing: SharingId): void {
    const lost = this.#lost.get(slave)
    if (lost === undefined) this.#lost.set(slave, new Set([sharing]))
    else lost.add(sharing)
  }

  /** `slave` has its shadow of `sharing` after all. */
  clear(slave: PeerId, sharing: SharingId): void {
    this.#lost.get(slave)?.delete(sharing)
  }

  /** Whether `slave`'s shadow of `sharing` is known to be lost. */
  has(slave: PeerId, sharing: SharingId): boolean {
    return this.#lost.get(slave)?.has(sharing) ?? false
  }
}
