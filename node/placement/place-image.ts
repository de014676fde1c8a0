import { toString as toText } from 'uint8arrays/to-string'
import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import { type PeerId, type SharingId, sharingId } from '../../base/ids.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import type { Keys } from '../../crypto/keys.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { Split } from '../../crypto/split.ts'
import type { Holder, ImageClaim, Placement } from '../../indexing/image-record.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { giveUp, type GiveUpPorts } from './abandoned-sharings.ts'
import { candidateSlaves, type SlaveNeed } from './choose-slaves.ts'
import { allowedThresholds, chooseThreshold, type ThresholdPolicy } from './choose-threshold.ts'
import { type Candidate, countMatchedSites } from './draw-slaves.ts'
import { placeShadows } from './place-shadows.ts'
import type { SlavePlacement } from './slave-placements.ts'
import { sealThreshold } from './seal-threshold.ts'
import { putPatienceMs, putShadowAt, type SlaveCallPorts } from './slave-calls.ts'

/** The keys that masters share; slaves, owners and users have neither. */
export type MasterKeys = Pick<Keys, 'thresholdKey' | 'macKey'>

/** The counter of a first placement. */
export const FIRST_COUNTER = 1

const MOST_NAMED = 3 // sites in an error: its text travels in 256 characters

/** How a master places images. */
export interface PlacementPolicy {
  readonly threshold: ThresholdPolicy
  /** The fewest distinct sites over which an image's shadows must lie. */
  readonly minSites: number
  /** Chooses the slaves. */
  readonly placement: SlavePlacement
  /** The least time a slave gets to take a shadow before another is chosen, in ms. */
  readonly putPatienceMs: number
}

/** What placing an image needs. */
export interface PlaceImagePorts extends SlaveCallPorts, GiveUpPorts {
  readonly random: Random
  readonly keys: MasterKeys
  /** Splits it. */
  readonly scheme: ShadowScheme
  readonly policy: PlacementPolicy
}

/** Which image is placed, and for which record of it. */
export interface ToPlace {
  readonly claim: Pick<ImageClaim, 'id' | 'time'>
  readonly encrypted: Uint8Array
  /** Of the record that will name it. */
  readonly counter: number
  /** Slaves that are not to have a shadow. */
  readonly except?: ReadonlySet<PeerId>
}

/**
 * Draw (r, s), split an encrypted image and put its shadows on slaves; with what slaves refuse, again with the smaller
 * pairs that the policy still allows. On failure nothing stays behind.
 * @throws NetError `NOT_ENOUGH_SLAVES`, or what the signal carries
 */
export async function placeImage(
  { claim, encrypted, counter, except: given }: ToPlace,
  ports: PlaceImagePorts & Required<AbortOptions>
): Promise<Placement> {
  const { random, scheme, keys, policy, peers } = ports
  const image = claim.id
  const origin = { asked: claim.time, counter, master: ports.signer.self }
  const except = new Set(given)
  for (;;) {
    const least = Math.floor(encrypted.length / policy.threshold.maxSlaves)
    const candidates = await enoughSlaves({ bytes: least, except }, ports)
    const drawn = drawThreshold(candidates.length, ports)
    const sharing = newSharing(random)
    const plan = { image, sharing, macKey: keys.macKey, ...drawn }
    const shadows = scheme.make(encrypted, { ...plan, random })
    await ports.abandoned.begin({ image, sharing, origin })
    const placed = await placeShadows(shadows, {
      clock: ports.clock,
      signal: ports.signal,
      draw: policy.placement.draw(candidates, random),
      put: (slave, given, { signal }) => putShadowAt(slave, { image, sharing, origin, ...given }, { ...ports, signal }),
      patienceMs: (slave, bytes) => putPatienceMs(slave, bytes, { peers, leastMs: policy.putPatienceMs })
    })
    const { holders } = placed
    if (holders !== undefined && sitesOf(holders, peers) >= policy.minSites) {
      const sealedThreshold = sealThreshold(drawn, { ...plan, thresholdKey: keys.thresholdKey, random })
      return { scheme: scheme.name, sharing, total: drawn.total, holders, sealedThreshold }
    }
    await giveUp(placed.touched, { image, sharing, origin }, ports)
    if (ports.signal.aborted) throw abortReason(ports.signal)
    if (holders !== undefined && placed.refused.size === 0) throw tooFewSites(sitesOf(holders, peers), policy.minSites)
    for (const slave of placed.refused) except.add(slave)
    for (const { slave, freeBytes } of candidates) if (freeBytes < shadows[0].length) except.add(slave)
    ports.log('store placed anew', { image, refused: placed.refused.size })
  }
}

/** The live slaves; when they are too few, those that were silent lately are asked once more. */
async function enoughSlaves(
  need: SlaveNeed,
  { peers, policy }: Pick<PlaceImagePorts, 'peers' | 'policy'>
): Promise<Candidate[]> {
  const candidates = candidateSlaves(peers, need)
  if (allowedThresholds(policy.threshold, candidates.length).length > 0) return candidates
  const silent = peers.known('slave').filter(({ standing }) => standing !== 'alive')
  await Promise.all(silent.map(({ member }) => peers.beat(member.peer)))
  return candidateSlaves(peers, need)
}

/** @throws NetError `NOT_ENOUGH_SLAVES` that says which slaves are missing */
function drawThreshold(
  have: number,
  { policy, random, peers }: Pick<PlaceImagePorts, 'policy' | 'random' | 'peers'>
): Split {
  try {
    return chooseThreshold(policy.threshold, have, random)
  } catch (error) {
    if (!isNetError(error, 'NOT_ENOUGH_SLAVES')) throw error
    const known = peers.known('slave')
    const away = known.filter(({ standing }) => standing !== 'alive')
    const sites = away.slice(0, MOST_NAMED).map(({ member }) => member.site)
    const named = away.length === 0 ? '' : ` (${sites.join(', ')}${away.length > MOST_NAMED ? ' and others' : ''})`
    const full = Math.max(0, known.length - away.length - have)
    const message = `${error.message}; of ${known.length} that are known ${away.length} do not answer${named} and ${full} have no room or refuse`
    throw new NetError('NOT_ENOUGH_SLAVES', message, {
      detail: { ...error.detail, known: known.length, away: away.length, full },
      cause: error
    })
  }
}

function sitesOf(holders: readonly Holder[], peers: PeerTable): number {
  return countMatchedSites(
    holders.flatMap(({ slave, number }) => {
      const site = peers.get(slave)?.member.site
      return site === undefined ? [] : [{ number, site }]
    })
  )
}

function newSharing(random: Random): SharingId {
  return sharingId(toText(randomBytes(random, 8), 'hex'))
}

function tooFewSites(have: number, need: number): NetError {
  return new NetError('NOT_ENOUGH_SLAVES', `the slaves stand at ${have} sites, the policy asks for ${need}`, {
    detail: { have, need }
  })
}
