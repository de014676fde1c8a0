import { sha256Hex } from '../../base/bytes.ts'
import { imageId, peerId, sharingId, shadowNumber } from '../../base/ids.ts'
import { deriveKey } from '../../crypto/derive.ts'
import { createSigner, publicKeyOf } from '../../crypto/ed25519-signer.ts'
import { codeMask, maskCode, unmaskCode } from '../../hashing/code-mask.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import { noteBytes } from '../../indexing/encode-proof.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'
import { changeKey, writeChange, writeSummary } from '../../indexing/record-value.ts'
import { contentDigest } from '../../node/client/content-digest.ts'
import { openMetadata, sealMetadata } from '../../node/client/seal-metadata.ts'
import { openThreshold, sealThreshold } from '../../node/placement/seal-threshold.ts'
import { RecordSeal } from '../../node/proofs/record-seal.ts'
import { filePath } from '../../storage/shadow-file.ts'
import { entryChange } from '../../storage/shadow-metadata.ts'
import type { Given } from './page.ts'
import { bytes, givenRandom, hex } from './page-ciphers.ts'

type Example = (given: Given) => Record<string, string>

function threshold(given: Given): Record<string, string> {
  const seal = {
    image: imageId(given.image),
    sharing: sharingId(given.sharing),
    thresholdKey: bytes(given.thresholdKey)
  }
  const split = { threshold: Number(given.threshold), total: Number(given.total) }
  const sealed = sealThreshold(split, { ...seal, random: givenRandom(bytes(given.nonce)) })
  if (openThreshold(sealed, seal).threshold !== split.threshold) throw new Error('it does not open')
  return { sealed: hex(sealed) }
}

function metadata(given: Given): Record<string, string> {
  const seal = { image: imageId(given.image), imageKey: bytes(given.imageKey) }
  const digest = contentDigest(bytes(given.plain), seal.imageKey)
  const descriptor = { model: given.descriptorModel, values: new Int8Array(bytes(given.values)) }
  const value = { name: given.name, labels: given.labels.split(', '), time: Number(given.time), digest, descriptor }
  const sealed = sealMetadata(value, { ...seal, random: givenRandom(bytes(given.nonce)) })
  if (openMetadata(sealed, seal).digest !== digest) throw new Error('it does not open')
  return { digest, sealed: hex(sealed) }
}

function mask({ indexKey, model, view, bits, code }: Given): Record<string, string> {
  const made = codeMask(bytes(indexKey), { model, view, bits: Number(bits) })
  const masked = maskCode(made, hashCode(bytes(code)))
  if (hex(unmaskCode(made, masked).bytes) !== code) throw new Error('it is not unmasked')
  return { order: made.order.join(' '), flips: hex(made.flips), masked: hex(masked.bytes) }
}

function shadowEntry(given: Given): Record<string, string> {
  const { image, sharing, digest } = given
  const key = { image: imageId(image), sharing: sharingId(sharing), number: shadowNumber(Number(given.number)) }
  const origin = {
    asked: Number(given.asked),
    counter: Number(given.counter),
    master: peerId(given.master),
    putAt: Number(given.put)
  }
  const record = { bytes: Number(given.recordBytes), digest: given.recordDigest }
  const change = entryChange({ ...key, ...origin, digest, bytes: Number(given.bytes), record })
  if (change.type !== 'put') throw new Error('it is no put')
  return { file: filePath({ ...key, ...origin, digest }), key: change.key, value: hex(change.value) }
}

function sealedRecord(given: Given): Record<string, string> {
  const of = { image: imageId(given.image), sharing: sharingId(given.sharing) }
  const [thresholdKey, encoded] = [bytes(given.thresholdKey), bytes(given.record)]
  // Its bytes are all that counts here, so that the example stays short.
  const record = { id: of.image, stored: { placement: { sharing: of.sharing } } } as unknown as ImageRecord
  const sealed = new RecordSeal(thresholdKey).seal({ record, encoded })
  const slave = createSigner(bytes(given.slaveSeed))
  const note = noteBytes({ ...of, digest: sha256Hex(sealed), slave: slave.self })
  const keys = deriveKey(thresholdKey, { info: 'sfmedir/kept-record/1', length: 64 })
  return { keys: hex(keys), sealed: hex(sealed), note: hex(note), 'note, signed': hex(slave.sign(note)) }
}

/** Examples of seals, masks, identities and what lies on disk. */
export const sealExamples: Readonly<Record<string, Example>> = {
  threshold,
  metadata,
  'code-mask': mask,
  identity: ({ seed }) => {
    const { self } = createSigner(bytes(seed))
    return { 'public key': hex(publicKeyOf(self)), 'peer id': self }
  },
  'sealed-record': sealedRecord,
  'shadow-entry': shadowEntry,
  'index-values': ({ image, sequence, count }) => ({
    key: changeKey(Number(sequence)),
    value: hex(writeChange(Number(sequence), imageId(image))),
    m: hex(writeSummary({ count: Number(count), lastSequence: Number(sequence) }))
  })
}
