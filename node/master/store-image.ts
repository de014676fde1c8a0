import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { imageIdOf } from '../../base/bytes.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import { type PeerId, type SharingId, sharingId } from '../../base/ids.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import type { Member } from '../../base/roles.ts'
import { decodeClaim } from '../../indexing/encode-record.ts'
import type { Holder, ImageClaim, ImageRecord, Placement } from '../../indexing/image-record.ts'
import type { PutImageAnswer, PutImageRequest } from '../../protocols/put-image.ts'
import { candidateSlaves, type SlaveNeed } from '../placement/choose-slaves.ts'
import { allowedThresholds, chooseThreshold } from '../placement/choose-threshold.ts'
import { type Candidate, countMatchedSites } from '../placement/draw-slaves.ts'
import type { MasterContext } from './master-ports.ts'
import { placeShadows } from '../placement/place-shadows.ts'
import { sealThreshold } from '../placement/seal-threshold.ts'
import { signRecord } from '../replication/sign-record.ts'
import { dropShadows, putPatienceMs, putShadowAt } from '../placement/slave-calls.ts'
import { verifyClaim } from '../replication/verify-record.ts'

/** Read an owner's request and check all that can be checked. @throws NetError saying what is wrong with it */
export function checkPutImage(request: PutImageRequest, owner: Member, context: MasterContext): ImageClaim {
  const claim = decodeClaim(request.claim)
  if (claim.owner !== owner.peer) throw new NetError('NOT_PERMITTED', 'the claim is of another owner than the caller')
  if (claim.size !== request.encrypted.length || claim.image !== imageIdOf(request.encrypted)) {
    throw new NetError('IMAGE_CORRUPT', 'the encrypted image is not the one that the claim names')
  }
  verifyClaim(claim, context.ports.signer)
  const { space } = context.policy
  if (space === undefined) return claim
  if (claim.space.model !== space.model || claim.space.view !== space.view) {
    throw new NetError('MODEL_MISMATCH', 'the code was made by another model or view than this index keeps')
  }
  if (claim.space.bits !== space.bits) {
    throw new NetError('CODE_LENGTH_MISMATCH', `a code of ${claim.space.bits} bits, this index keeps ${space.bits}`, {
      detail: { bits: claim.space.bits, need: space.bits }
    })
  }
  return claim
}

/**
 * Split an encrypted image into shadows, place them on slaves, and keep its record at two masters (secure storage phase,
 * Alg. 2). What is stored already is acknowledged anew; on failure nothing stays behind, except what a master that went
 * silent in the middle may have kept: shadows of that are collected as orphans.
 * @throws NetError `NOT_ENOUGH_SLAVES`, `NOT_ENOUGH_MASTERS`, `NOT_PERMITTED` when the image was deleted
 */
export async function storeImage(
  claim: ImageClaim,
  encrypted: Uint8Array,
  context: MasterContext & Required<AbortOptions>
): Promise<PutImageAnswer> {
  const held = await context.ports.records.get(claim.image)
  if (held !== undefined) return acknowledgeAnew(held, claim, context)
  await context.replicator.checkReach()
  const placement = await place(claim, encrypted, context)
  const record = signRecord(claim.image, { claim, placement }, { previous: undefined, ...context.ports })
  try {
    return answerOf(placement, await context.replicator.commit(record, { signal: context.signal }))
  } catch (error) {
    const certain = isNetError(error, 'NOT_ENOUGH_MASTERS') && error.detail.unsure === 0
    if (certain) await dropShadows(placement.holders, { image: claim.image, sharing: placement.sharing }, context)
    throw error
  }
}

async function acknowledgeAnew(held: ImageRecord, claim: ImageClaim, context: MasterContext): Promise<PutImageAnswer> {
  if (held.stored === undefined) {
    throw new NetError(
      'NOT_PERMITTED',
      'this encrypted image was deleted, and deletion is final: encrypt the image anew'
    )
  }
  if (held.stored.claim.owner !== claim.owner) throw new NetError('NOT_PERMITTED', 'the image is of another owner')
  return answerOf(held.stored.placement, await context.replicator.commit(held)) // the first try may have died half-way
}

function answerOf({ total, holders }: Placement, masters: number): PutImageAnswer {
  return { total, holders: holders.map(({ slave }) => slave), masters }
}

/** Draw (r, s), split and place; with what slaves refuse, again with the smaller pairs that the policy still allows. */
async function place(
  claim: ImageClaim,
  encrypted: Uint8Array,
  context: MasterContext & Required<AbortOptions>
): Promise<Placement> {
  const { ports, policy } = context
  const { random, scheme, keys } = ports
  const except = new Set<PeerId>()
  for (;;) {
    const least = Math.floor(claim.size / policy.threshold.maxSlaves)
    const candidates = await enoughSlaves({ bytes: least, except }, context)
    const drawn = chooseThreshold(policy.threshold, candidates.length, random)
    const sharing = newSharing(random)
    const plan = { image: claim.image, sharing, macKey: keys.macKey, ...drawn }
    const shadows = scheme.make(encrypted, { ...plan, random })
    const placed = await placeShadows(shadows, candidates, {
      clock: ports.clock,
      random,
      signal: context.signal,
      put: (slave, number, shadow, { signal }) =>
        putShadowAt(slave, { image: claim.image, sharing, number, shadow }, { ...context, signal }),
      patienceMs: (slave, bytes) => putPatienceMs(slave, bytes, context)
    })
    const { holders } = placed
    if (holders !== undefined && sitesOf(holders, context) >= policy.minSites) {
      const sealedThreshold = sealThreshold(drawn, { ...plan, thresholdKey: keys.thresholdKey, random })
      return { scheme: scheme.name, sharing, total: drawn.total, holders, sealedThreshold }
    }
    await dropShadows(placed.touched, { image: claim.image, sharing }, context)
    if (context.signal.aborted) throw abortReason(context.signal)
    if (holders !== undefined && placed.refused.size === 0)
      throw tooFewSites(sitesOf(holders, context), policy.minSites)
    for (const slave of placed.refused) except.add(slave)
    for (const { slave, freeBytes } of candidates) if (freeBytes < shadows[0].length) except.add(slave)
    context.log('store placed anew', { image: claim.image, refused: placed.refused.size })
  }
}

/** The live slaves; when they are too few, those that were silent lately are asked once more. */
async function enoughSlaves(need: SlaveNeed, { peers, policy }: MasterContext): Promise<Candidate[]> {
  const candidates = candidateSlaves(peers, need)
  if (allowedThresholds(policy.threshold, candidates.length).length > 0) return candidates
  const silent = peers.known('slave').filter(({ standing }) => standing !== 'alive')
  await Promise.all(silent.map(({ member }) => peers.beat(member.peer)))
  return candidateSlaves(peers, need)
}

function sitesOf(holders: readonly Holder[], { peers }: MasterContext): number {
  return countMatchedSites(
    holders.flatMap(({ slave, number }) => {
      const site = peers.get(slave)?.member.site
      return site === undefined ? [] : [{ number, site }]
    })
  )
}

function newSharing(random: Random): SharingId {
  return sharingId(Buffer.from(randomBytes(random, 8)).toString('hex'))
}

function tooFewSites(have: number, need: number): NetError {
  return new NetError('NOT_ENOUGH_SLAVES', `the slaves stand at ${have} sites, the policy asks for ${need}`, {
    detail: { have, need }
  })
}
