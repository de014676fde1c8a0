import { type Random, randomBytes } from '../base/random.ts'
import { recordDigest } from './digest-tree.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { HeldRecord } from './record-store.ts'

const INCARNATION_BYTES = 16

/** A name for a store's sequence of changes that no other has. */
export function drawIncarnation(random: Random): string {
  return Buffer.from(randomBytes(random, INCARNATION_BYTES)).toString('hex')
}

/** What comparing needs to know of these records; of those of version 1 nothing. */
export function heldOf(records: readonly EncodedRecord[]): HeldRecord[] {
  return records.flatMap(({ record, encoded }) => {
    const digest = recordDigest(encoded)
    return digest === undefined ? [] : [{ id: record.id, digest }]
  })
}
