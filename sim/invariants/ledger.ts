import type { ImageId, PeerId } from '../../base/ids.ts'

/** An image as its owner knows it. */
export interface LedgerEntry {
  readonly image: ImageId
  readonly bytes: Uint8Array
  readonly holders: readonly PeerId[]
  /** s, as acknowledged. */
  readonly total: number
  /** `asked`: a deletion was sent and not acknowledged, so the image may be there or not. */
  deleted: 'no' | 'asked' | 'yes'
}

/** What the network has promised so far: every acknowledged image and deletion. */
export class Ledger {
  readonly entries: LedgerEntry[] = []
  stores = 0
  refusedStores = 0
  reads = 0
  refusedReads = 0
  deletions = 0

  /** Images that must still be there. */
  kept(): LedgerEntry[] {
    return this.entries.filter(({ deleted }) => deleted === 'no')
  }
}
