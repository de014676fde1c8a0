import { ownedImageId } from '../../../base/bytes.ts'
import type { PeerId, SharingId, ShadowNumber } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import type { Signer } from '../../../crypto/signer.ts'
import { claimBytes, decodeClaim } from '../../../indexing/encode-record.ts'
import { type EncodedRecord, signedRecord } from '../../../indexing/encoded-record.ts'
import type { Holder, ImageClaim, Placement, Stored } from '../../../indexing/image-record.ts'
import { signClaim } from '../../../node/client/sign-claim.ts'
import type { SealedImage } from '../../../node/client/stored-image.ts'
import { sealThreshold } from '../../../node/placement/seal-threshold.ts'
import { signReceipt } from '../../../node/proofs/sign-proof.ts'
import type { HospitalGrid } from './hospital-grid.ts'

/** How a record that is signed all the same differs from a good one. */
export interface Change {
  readonly claim?: Partial<ImageClaim>
  readonly placement?: Partial<Placement>
  readonly record?: Partial<Stored>
  /** What the slaves sign for. */
  readonly shadow?: Partial<Pick<Holder, 'number' | 'digest' | 'bytes'>>
  /** What becomes of a holder once its slave has signed. */
  readonly holder?: (holder: Holder, at: number) => Holder
  /** Who signs as owner; the grid's owner when left out. */
  readonly owner?: Signer
  /** Who signs as the record's master; the grid's first when left out. */
  readonly master?: Signer
}

/** The claim with which the grid's owner asks `master` to store what it sealed. */
export function claimOf(grid: HospitalGrid, sealed: SealedImage, master: PeerId, time = 1): Uint8Array {
  return signClaim(sealed, { master, time, signer: grid.owner.life.signer })
}

/**
 * A record of an image that nobody stored, signed by everybody who has to sign it with the keys of the grid, after the
 * changes: what a rogue master can make with an owner and slaves at its side.
 */
export function signedBy(grid: HospitalGrid, sealed: SealedImage, change: Change = {}): EncodedRecord {
  const master = change.master ?? grid.masters[0].life.signer
  const owner = change.owner ?? grid.owner.life.signer
  const { ownerSignature: _, ...given } = { ...decodeClaim(claimOf(grid, sealed, master.self)), ...change.claim }
  const id = ownedImageId(given.owner, given.digest)
  const claim = { ...given, id, ownerSignature: change.claim?.ownerSignature ?? owner.sign(claimBytes(given)) }
  const sharing = (change.placement?.sharing ?? claim.digest.slice(0, 16)) as SharingId
  const version = change.record?.version ?? { counter: 1, master: master.self }
  const origin = { asked: claim.time, ...version }
  const holders = grid.slaves.slice(0, 3).map(({ peer, life }, at) => {
    const shadow = {
      number: (at + 1) as ShadowNumber,
      digest: claim.digest,
      bytes: 100,
      ...(at === 2 ? change.shadow : {})
    }
    const receipt = signReceipt({ image: claim.id, sharing, origin, ...shadow }, life.signer)
    return (change.holder ?? (holder => holder))({ slave: peer, ...shadow, receipt }, at)
  })
  const { thresholdKey } = grid.keys
  const seal = { image: claim.id, sharing, thresholdKey, random: seededRandom(claim.digest) }
  const sealedThreshold = sealThreshold({ threshold: 2, total: 3 }, seal)
  const placement = { scheme: 'bai', sharing, total: 3, holders, sealedThreshold, ...change.placement }
  const unsigned = { version, time: 1, claim, placement, cosign: undefined, ...change.record }
  return signedRecord(unsigned, bytes => change.record?.masterSignature ?? master.sign(bytes))
}
