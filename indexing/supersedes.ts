import { compare } from 'uint8arrays/compare'
import type { EncodedRecord } from './encoded-record.ts'
import { originOf } from './image-record.ts'
import { isLater } from './proof.ts'

/**
 * Whether record `a` replaces `b` of the same image. A deletion wins over everything, of two the earlier; of two sharings the
 * one of the later origin. What is equal so far is decided by the bytes (a master may have signed two records of one
 * origin), so that all masters end with the same, in whatever order they hear.
 */
export function supersedes(a: EncodedRecord, b: EncodedRecord): boolean {
  const [one, other] = [a.record, b.record]
  if (one.stored !== undefined && other.stored !== undefined) {
    const [mine, held] = [originOf(one.stored), originOf(other.stored)]
    return isLater(mine, held) || (!isLater(held, mine) && compare(a.encoded, b.encoded) > 0)
  }
  if (one.stored !== undefined || other.stored !== undefined) return one.stored === undefined
  const [asked, was] = [one.deletion?.time ?? 0, other.deletion?.time ?? 0]
  return asked !== was ? asked < was : compare(a.encoded, b.encoded) < 0
}
