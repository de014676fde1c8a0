import { sha256Hex } from '../../base/bytes.ts'
import type { AbortOptions } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import { shuffled } from '../../base/random.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { Holder, ImageClaim, Placement } from '../../indexing/image-record.ts'
import { gatherShadows } from './gather-shadows.ts'
import type { MasterContext } from '../master/master-ports.ts'
import { openThreshold } from './seal-threshold.ts'
import { getShadowFrom, hedgeAfterMs } from './slave-calls.ts'

/**
 * The encrypted image, from the shadows of whichever holders answer first (ImgReconstruct, Alg. 3).
 * @throws NetError `IMAGE_NOT_FOUND` when it was never stored or is deleted, `NOT_ENOUGH_SHADOWS`, `IMAGE_CORRUPT`
 */
export async function rebuildImage(
  { claim, placement }: { readonly claim: ImageClaim; readonly placement: Placement },
  context: MasterContext & Required<AbortOptions>
): Promise<Uint8Array> {
  const { ports, losses, peers } = context
  const { image, size } = claim
  const { sharing } = placement
  const { macKey, thresholdKey } = ports.keys
  const { threshold } = openThreshold(placement.sealedThreshold, { image, sharing, thresholdKey })
  const scheme = schemeOf(placement.scheme, context)
  const bytes = size / threshold
  const shadows = await gatherShadows(bestFirst(placement, bytes, context), threshold, {
    clock: ports.clock,
    signal: context.signal,
    ask: ({ slave, number }, { signal }) =>
      getShadowFrom(slave, { image, sharing, number, bytes }, { ...context, signal }),
    check: ({ slave, number, digest }, shadow) => {
      if (sha256Hex(shadow) !== digest) throw new NetError('SHADOW_CORRUPT', 'the shadow has not its digest')
      scheme.check(shadow, { image, sharing, number, macKey })
      losses.clear(slave, sharing)
    },
    lateAfterMs: ({ slave }) => hedgeAfterMs(slave, bytes, context),
    failed: ({ slave, number }, error) => {
      context.log('shadow not read', { slave, number, reason: isNetError(error) ? error.code : error.name })
      if (!isNetError(error, 'SHADOW_CORRUPT', 'SHADOW_MISSING')) return
      losses.note(slave, sharing)
      peers.get(slave)?.strike()
    }
  })
  return scheme.rebuild(shadows, { image, sharing, threshold, macKey })
}

/** The record of a stored image. @throws NetError `IMAGE_NOT_FOUND` */
export async function storedImage(
  image: ImageId,
  { ports }: MasterContext
): Promise<{ readonly claim: ImageClaim; readonly placement: Placement }> {
  const stored = (await ports.records.get(image))?.stored
  if (stored === undefined) throw new NetError('IMAGE_NOT_FOUND', 'no such image is stored', { detail: { image } })
  return stored
}

function schemeOf(name: string, { ports }: MasterContext): ShadowScheme {
  if (name === ports.scheme.name) return ports.scheme
  if (ports.schemeNamed !== undefined) return ports.schemeNamed(name)
  throw new NetError('MESSAGE_INVALID', `this master does not know the shadow scheme ${name}`)
}

const STANDING_ORDER = Object.freeze({ alive: 0, suspect: 1, dead: 2 })

/** Holders in the order in which to ask: live before doubtful, whole before lost, trusted and fast first, else by chance. */
function bestFirst({ holders, sharing }: Placement, bytes: number, context: MasterContext): Holder[] {
  const { peers, losses, ports } = context
  const ranked = shuffled(ports.random, holders).map(holder => {
    const state = peers.get(holder.slave)
    const doubt = STANDING_ORDER[peers.standing(holder.slave)] + (losses.has(holder.slave, sharing) ? 3 : 0)
    const pace = hedgeAfterMs(holder.slave, bytes, context) * (1 + (state?.strikes ?? 0))
    return { holder, doubt, pace }
  })
  return ranked.sort((a, b) => a.doubt - b.doubt || a.pace - b.pace).map(({ holder }) => holder)
}
