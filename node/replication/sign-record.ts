import type { Clock } from '../../base/clock.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { type EncodedRecord, signedRecord } from '../../indexing/encoded-record.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'

/** A new version of an image's record, made and signed by this master; `stored` undefined makes a tombstone. */
export function signRecord(
  id: ImageId,
  stored: ImageRecord['stored'],
  { previous, clock, signer }: { previous: ImageRecord | undefined; clock: Clock; signer: Signer }
): EncodedRecord {
  const version = { counter: (previous?.version.counter ?? 0) + 1, master: signer.self }
  return signedRecord({ id, version, time: Math.floor(clock.now()), stored }, bytes => signer.sign(bytes))
}
