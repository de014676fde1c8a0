import { fromString } from 'uint8arrays/from-string'
import { NetError } from '../../base/errors.ts'
import type { ImageId, SharingId } from '../../base/ids.ts'
import type { Random } from '../../base/random.ts'
import { openSealed, sealBytes } from '../../crypto/seal.ts'
import type { Split } from '../../crypto/split.ts'

/** Which sharing a threshold belongs to, and the key that hides it. */
export interface ThresholdSeal {
  readonly image: ImageId
  readonly sharing: SharingId
  /** K_rEK, 32 bytes. */
  readonly thresholdKey: Uint8Array
}

/** Seal (r, s) under K_rEK, bound to its image and sharing so that no other record can carry it (Alg. 2, "E_{K_rEK}(r)"). */
export function sealThreshold(
  { threshold, total }: Split,
  { random, ...seal }: ThresholdSeal & { readonly random: Random }
): Uint8Array {
  return sealBytes(seal.thresholdKey, Uint8Array.of(threshold, total), { associated: contextOf(seal), random })
}

/**
 * The (r, s) inside {@link sealThreshold}'s output.
 * @throws NetError `KEY_WRONG` when the key, image or sharing is another, `MESSAGE_INVALID` when it holds no (r, s)
 */
export function openThreshold(sealed: Uint8Array, seal: ThresholdSeal): Split {
  const plain = openSealed(seal.thresholdKey, sealed, { associated: contextOf(seal) })
  const [threshold, total] = plain
  if (plain.length !== 2 || threshold < 2 || threshold > total) {
    throw new NetError('MESSAGE_INVALID', 'the sealed threshold is not a pair of r and s')
  }
  return { threshold, total }
}

function contextOf({ image, sharing }: Omit<ThresholdSeal, 'thresholdKey'>): Uint8Array {
  return fromString(`sfmedir/threshold/1/${image}/${sharing}`)
}
