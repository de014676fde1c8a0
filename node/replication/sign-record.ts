import type { Clock } from '../../base/clock.ts'
import type { Signer } from '../../crypto/signer.ts'
import { type EncodedRecord, signedRecord } from '../../indexing/encoded-record.ts'
import type { Stored } from '../../indexing/image-record.ts'

/** The record of a placement, made and signed by this master alone. */
export function signRecord(
  { claim, placement, counter }: Pick<Stored, 'claim' | 'placement'> & { readonly counter: number },
  { clock, signer }: { readonly clock: Clock; readonly signer: Signer }
): EncodedRecord {
  const version = { counter, master: signer.self }
  const unsigned = { version, time: Math.floor(clock.now()), claim, placement, cosign: undefined }
  return signedRecord(unsigned, bytes => signer.sign(bytes))
}
