import type { Clock } from '../../base/clock.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { recordBytes } from '../../indexing/encode-record.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'

/** A new version of an image's record, made and signed by this master; `stored` undefined makes a tombstone. */
export function signRecord(
  image: ImageId,
  stored: ImageRecord['stored'],
  { previous, clock, signer }: { previous: ImageRecord | undefined; clock: Clock; signer: Signer }
): ImageRecord {
  const version = { counter: (previous?.version.counter ?? 0) + 1, master: signer.self }
  const record = { image, version, time: Math.floor(clock.now()), stored }
  return { ...record, masterSignature: signer.sign(recordBytes(record)) }
}
