import { isNetError, NetError } from '../../base/errors.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'
import type { MasterKeys } from './place-image.ts'
import { openThreshold } from './seal-threshold.ts'

/** What it takes to read how an image is shared out. */
export interface ReadPlacementPorts {
  readonly keys: Pick<MasterKeys, 'thresholdKey'>
  /** The scheme that a record names. @throws NetError for an unknown name */
  readonly schemeNamed: (name: string) => ShadowScheme
}

/**
 * By which scheme and from how many shadows (r) an image is rebuilt. A record may come from a master with other keys or
 * schemes, or from one that lies, and nobody looks at these two before they are needed.
 * @throws NetError `IMAGE_CORRUPT` when the scheme is unknown or the threshold does not open
 */
export function readPlacement(
  { claim, placement }: NonNullable<ImageRecord['stored']>,
  { keys: { thresholdKey }, schemeNamed }: ReadPlacementPorts
): { readonly scheme: ShadowScheme; readonly threshold: number } {
  const { sharing, sealedThreshold } = placement
  try {
    const scheme = schemeNamed(placement.scheme)
    const { threshold } = openThreshold(sealedThreshold, { image: claim.id, sharing, thresholdKey })
    return { scheme, threshold }
  } catch (cause) {
    if (!isNetError(cause)) throw cause
    const detail = { image: claim.id, reason: cause.code }
    throw new NetError('IMAGE_CORRUPT', 'this master cannot read how the image is shared out', { detail, cause })
  }
}
