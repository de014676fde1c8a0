import { ownedImageId, sha256Hex } from '../../base/bytes.ts'
import { sharingId, shadowNumber } from '../../base/ids.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import {
  abortBytes,
  deletionBytes,
  encodeAbort,
  encodeDeletion,
  keptBytes,
  receiptBytes
} from '../../indexing/encode-proof.ts'
import { claimBytes, decodeRecord, encodeClaim, encodePlacement } from '../../indexing/encode-record.ts'
import { signedRecord, tombstoneOf } from '../../indexing/encoded-record.ts'
import { recordKey, writeRecord } from '../../indexing/record-value.ts'
import type { Given } from './page.ts'
import { bytes, hex } from './page-ciphers.ts'

type Example = (given: Given) => Record<string, string>

function proofs(given: Given): Record<string, string> {
  const owner = createSigner(bytes(given.ownerSeed))
  const master = createSigner(bytes(given.masterSeed))
  const image = ownedImageId(owner.self, given.digest)
  const sharing = sharingId(given.sharing)
  const origin = { asked: Number(given.asked), counter: 1, master: master.self }
  const held = { number: shadowNumber(Number(given.number)), digest: given.shadowDigest, bytes: Number(given.bytes) }
  const wish = { owner: owner.self, digest: given.digest, time: Number(given.time) }
  const deletion = { id: image, ...wish, ownerSignature: owner.sign(deletionBytes(wish)) }
  const abort = { image, sharing, origin, time: Number(given.time) }
  const { encoded } = tombstoneOf(deletion)
  const kept = keptBytes({ digest: sha256Hex(encoded), master: master.self })
  return {
    owner: owner.self,
    master: master.self,
    'image id': image,
    receipt: hex(receiptBytes({ image, sharing, origin, ...held })),
    deletion: hex(encodeDeletion(deletion)),
    abort: hex(encodeAbort({ ...abort, signature: master.sign(abortBytes(abort)) })),
    tombstone: hex(encoded),
    kept: hex(kept),
    'kept, signed': hex(master.sign(kept))
  }
}

function record(given: Given): Record<string, string> {
  const owner = createSigner(bytes(given.ownerSeed))
  const master = createSigner(bytes(given.masterSeed))
  const slaves = given.slaveSeeds.split(', ').map(seed => createSigner(bytes(seed)))
  const { digest, shadowDigest, model, view } = given
  const [id, sharing] = [ownedImageId(owner.self, digest), sharingId(given.sharing)]
  const wish = { owner: owner.self, master: master.self, time: Number(given.asked), digest }
  const space = { model, view, bits: 4 * given.code.length }
  const rest = { space, code: bytes(given.code), size: Number(given.size), metadata: bytes(given.metadata) }
  const claim = { id, ...wish, ...rest, ownerSignature: owner.sign(claimBytes({ ...wish, ...rest })) }
  const version = { counter: 1, master: master.self }
  const origin = { asked: claim.time, ...version }
  const holders = slaves.map((slave, i) => {
    const held = { number: shadowNumber(i + 1), digest: shadowDigest, bytes: Number(given.bytes) }
    return { slave: slave.self, ...held, receipt: slave.sign(receiptBytes({ image: id, sharing, origin, ...held })) }
  })
  const sealedThreshold = bytes(given.sealedThreshold)
  const placement = { scheme: given.scheme, sharing, total: slaves.length, holders, sealedThreshold }
  const unsigned = { version, time: Number(given.time), claim, placement, cosign: undefined }
  const made = signedRecord(unsigned, message => master.sign(message))
  if (decodeRecord(made.encoded).id !== id) throw new Error('it is not read back')
  return {
    claim: hex(encodeClaim(claim)),
    placement: hex(encodePlacement(placement)),
    record: hex(made.encoded),
    key: recordKey(id),
    'value before the record, at sequence 1': hex(writeRecord(made, 1).subarray(0, -made.encoded.length))
  }
}

/** Examples of records and proofs. */
export const recordExamples: Readonly<Record<string, Example>> = { proofs, record }
