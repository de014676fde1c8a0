import type { AbortOptions, Clock } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type Random, shuffled } from '../../base/random.ts'
import { hasShadowDigest } from '../../base/shadow-digest.ts'
import type { Holder, ImageRecord, Placement } from '../../indexing/image-record.ts'
import { gatherShadows } from './gather-shadows.ts'
import type { LossLedger } from './loss-ledger.ts'
import type { MasterKeys } from './place-image.ts'
import { type ReadPlacementPorts, readPlacement } from './read-placement.ts'
import { getShadowFrom, hedgeAfterMs, type SlaveCallPorts } from './slave-calls.ts'

/** What rebuilding an image needs. */
export interface RebuildPorts extends SlaveCallPorts, ReadPlacementPorts {
  readonly clock: Clock
  readonly random: Random
  readonly keys: MasterKeys
  readonly losses: LossLedger
  readonly log: Log
}

/**
 * The encrypted image, from the shadows of whichever holders answer first (ImgReconstruct, Alg. 3).
 * @throws NetError `NOT_ENOUGH_SHADOWS`, `IMAGE_CORRUPT`
 */
export async function rebuildImage(
  stored: NonNullable<ImageRecord['stored']>,
  ports: RebuildPorts & Required<AbortOptions>
): Promise<Uint8Array> {
  const { losses, peers, log } = ports
  const { placement } = stored
  const { id: image, size, digest: wanted } = stored.claim
  const { sharing } = placement
  const { macKey } = ports.keys
  const { scheme, threshold } = readPlacement(stored, ports)
  const bytes = size / threshold
  const shadows = await gatherShadows(bestFirst(placement, bytes, ports), threshold, {
    clock: ports.clock,
    signal: ports.signal,
    ask: ({ slave, number }, { signal }) =>
      getShadowFrom(slave, { image, sharing, number, bytes }, { ...ports, signal }),
    open: ({ slave, number, digest }, shadow) => {
      if (!hasShadowDigest(shadow, { digest, master: stored.claim.master })) {
        throw new NetError('SHADOW_CORRUPT', 'the shadow has not its digest')
      }
      const opened = scheme.open(shadow, { image, sharing, number, macKey })
      losses.clear(slave, sharing)
      return opened
    },
    lateAfterMs: ({ slave }) => hedgeAfterMs(slave, bytes, peers),
    failed: ({ slave, number }, error) => {
      log('shadow not read', { slave, number, reason: isNetError(error) ? error.code : error.name })
      if (!isNetError(error, 'SHADOW_CORRUPT', 'SHADOW_MISSING')) return
      losses.note(slave, sharing)
      peers.get(slave)?.strike()
    }
  })
  return scheme.rebuild(shadows, { image, sharing, threshold, size, digest: wanted })
}

const STANDING_ORDER = Object.freeze({ alive: 0, suspect: 1, dead: 2 })

/** Holders in the order in which to ask: live before doubtful, whole before lost, trusted and fast first, else by chance. */
function bestFirst({ holders, sharing }: Placement, bytes: number, { peers, losses, random }: RebuildPorts): Holder[] {
  const ranked = shuffled(random, holders).map(holder => {
    const state = peers.get(holder.slave)
    const doubt = STANDING_ORDER[peers.standing(holder.slave)] + (losses.has(holder.slave, sharing) ? 3 : 0)
    const pace = hedgeAfterMs(holder.slave, bytes, peers) * (1 + (state?.strikes ?? 0))
    return { holder, doubt, pace }
  })
  return ranked.sort((a, b) => a.doubt - b.doubt || a.pace - b.pace).map(({ holder }) => holder)
}
