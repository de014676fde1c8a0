import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Role, Roster } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { claimBytes, cosignBytes } from '../../indexing/encode-record.ts'
import { type EncodedRecord, signedBytes } from '../../indexing/encoded-record.ts'
import { type ImageClaim, originOf, type Stored } from '../../indexing/image-record.ts'
import { isReceiptOf, type Verifier, verifyDeletion } from './verify-proof.ts'

/** What it takes to see whether a record is true: who is who, and what they signed. */
export interface VerifyPorts {
  readonly signer: Verifier
  readonly roster: Roster
}

/** The same, with threads if there are any. */
interface LaterPorts extends VerifyPorts {
  readonly signer: Pick<Signer, 'verify' | 'verifyLater'>
}

/** Check that `claim` is its owner's. @throws NetError `SIGNATURE_INVALID` */
export function verifyClaim(claim: ImageClaim, signer: Verifier): void {
  if (signer.verify(claim.owner, claimBytes(claim), claim.ownerSignature)) return
  throw new NetError('SIGNATURE_INVALID', 'the owner did not sign this claim', { detail: { owner: claim.owner } })
}

/**
 * Check all that a record of version 2 claims, whoever brings it: that its master, a second one for a sharing anew, and its
 * owner signed it and are what they say, and that each of its holders, all of them slaves of this network, signed for its
 * shadow; of a tombstone, that the owner signed the deletion.
 * @throws NetError `SIGNATURE_INVALID`, `NOT_PERMITTED` for a signer without the role, `PROOF_INVALID` for a missing or false
 *   receipt, or for a record of version 1, which proves nothing
 */
export function verifyRecord(given: EncodedRecord, ports: VerifyPorts): void {
  verifyWith(given, ports, verifyCosign)
}

/**
 * Check all that {@link verifyRecord} checks but a second master's word, which is still to come.
 * @throws NetError as {@link verifyRecord}
 */
export function verifyProposal(given: EncodedRecord, ports: VerifyPorts): void {
  verifyWith(given, ports, () => {})
}

function verifyWith({ record, encoded }: EncodedRecord, ports: VerifyPorts, second: typeof verifyCosign): void {
  const { stored, deletion, format } = record
  if (format === 1) throw new NetError('PROOF_INVALID', 'a record of version 1 proves nothing')
  if (deletion !== undefined) verifyDeletion(deletion, ports.signer)
  if (stored === undefined) return
  const { claim, version, masterSignature } = stored
  checkRole(version.master, 'master', ports)
  checkRole(claim.owner, 'owner', ports)
  if (!ports.signer.verify(version.master, signedBytes(encoded), masterSignature)) {
    throw new NetError('SIGNATURE_INVALID', 'the master did not sign this record', { detail: { ...version } })
  }
  verifyClaim(claim, ports.signer)
  if (version.counter > 1) second(stored, ports)
  verifyReceipts(stored, ports)
}

/**
 * What {@link verifyRecord} checks, its signatures in other threads where the signer can: for many records, so that this one
 * goes on answering meanwhile. Rejects as it throws.
 */
export async function verifyRecordLater(record: EncodedRecord, ports: LaterPorts): Promise<void> {
  const { signer, roster } = ports
  if (signer.verifyLater === undefined) return verifyRecord(record, ports)
  const signed: Parameters<Verifier['verify']>[] = []
  const verify: Verifier['verify'] = (...each) => signed.push(each) > 0
  verifyRecord(record, { signer: { verify }, roster }) // all but the signatures, which it tells
  const good = await Promise.all(signed.map(each => signer.verifyLater?.(...each)))
  if (!good.every(isGood => isGood === true)) verifyRecord(record, ports) // says which is wrong
}

/**
 * A forged counter is worth nothing: above the first placement it takes a second master's word, however few masters the roster
 * has. What a sole master re-shared on its own word would be refused by the next one that is admitted.
 */
function verifyCosign(stored: Stored, { signer, roster }: VerifyPorts): void {
  const { cosign, version } = stored
  if (cosign === undefined) {
    throw new NetError('PROOF_INVALID', 'a sharing anew without a second master', { detail: { ...version } })
  }
  if (cosign.master === version.master) throw new NetError('PROOF_INVALID', 'a master seconds itself')
  checkRole(cosign.master, 'master', { signer, roster })
  if (signer.verify(cosign.master, cosignBytes(stored, cosign.master), cosign.signature)) return
  throw new NetError('SIGNATURE_INVALID', 'the second master did not sign this record', {
    detail: { master: cosign.master }
  })
}

// That there are as many holders as shadows, all of them different, is part of the record's shape.
function verifyReceipts(stored: Stored, ports: VerifyPorts): void {
  const { claim, placement } = stored
  const origin = originOf(stored)
  for (const { slave, number, digest, bytes, receipt } of placement.holders) {
    checkRole(slave, 'slave', ports)
    const shadow = { image: claim.id, sharing: placement.sharing, origin, number, digest, bytes }
    if (isReceiptOf(slave, { ...shadow, signature: receipt }, ports.signer)) continue
    throw new NetError('PROOF_INVALID', 'a slave did not sign for its shadow', { detail: { slave, number } })
  }
}

function checkRole(peer: PeerId, role: Role, { roster }: VerifyPorts): void {
  if (roster.member(peer)?.roles.includes(role)) return
  throw new NetError('NOT_PERMITTED', `a record names a ${role} that is none in this network`, {
    detail: { peer, role }
  })
}
